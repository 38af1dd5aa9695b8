import type { Change } from "./follow.ts";
import type { SeenObject } from "./seen-object.ts";

/** The objects of one kind in boxes' namespaces: each box's own one, and foreign ones. */
export class SeenKind {
  readonly own = new Map<string, SeenObject>();
  /** Names, by box. */
  readonly foreign = new Map<string, Set<string>>();

  /** The boxes affected by a change. */
  put({ item, gone }: Change<SeenObject>): string[] {
    const { boxId, isOwn, name } = item;
    if (boxId === undefined) return [];
    if (!isOwn) this.#putForeign(boxId, name, gone);
    else if (gone) this.own.delete(boxId);
    else this.own.set(boxId, item);
    return [boxId];
  }

  /** After a list, only boxes whose objects changed are affected. */
  replace(items: Iterable<SeenObject>): string[] {
    const [before, foreignBefore] = [new Map(this.own), new Map(this.foreign)];
    this.own.clear();
    this.foreign.clear();
    for (const item of items) this.put({ item, gone: false });
    const changed = [...this.own].filter(([boxId, item]) => before.get(boxId)?.content !== item.content);
    const lost = [...before.keys()].filter((boxId) => !this.own.has(boxId));
    return [...changed.map(([boxId]) => boxId), ...lost, ...this.foreign.keys(), ...foreignBefore.keys()];
  }

  #putForeign(boxId: string, name: string, gone: boolean): void {
    const names = this.foreign.get(boxId) ?? new Set();
    if (gone) names.delete(name);
    else names.add(name);
    if (names.size > 0) this.foreign.set(boxId, names);
    else this.foreign.delete(boxId);
  }
}
