import * as z from "zod";
import type { ListedBox } from "#schema/contracts/comparison.ts";
import { contentHash, contentOf, type ObjectContent } from "./desired/content.ts";
import type { KubeObject } from "./desired/kube-object.ts";
import type { Kind } from "./kube/seen-object.ts";

/** What an object of a box should be. */
export interface Expectation {
  /** The hash that it carries if it was written from what we would write today. */
  wanted: string;
  /** The object as the API server stores it; undefined if the dry run failed. */
  stored: string | undefined;
}

export type Expectations = ReadonlyMap<Kind, Expectation>;

/** Returns a box's objects without its Secret. */
export type Shape = (box: ListedBox) => readonly KubeObject[];

/** The object as the API server would store it, by a dry run. */
export type TryOut = (object: KubeObject) => Promise<unknown>;

/** A failed dry run is repeated after this time, not for each of thousands of boxes. */
const AGAIN_MS = 60_000;

/** Kinds that are stored exactly as we write them: no default is added. */
const STORED_AS_WRITTEN: ReadonlySet<Kind> = new Set(["Namespace", "PersistentVolumeClaim"]);

/**
 * The expected objects of boxes. An API server fills in defaults and rewrites quantities; instead of
 * knowing its rules, we ask it once for each distinct object, by a dry run.
 */
export function createExpectations(shape: Shape, tryOut: TryOut): (box: ListedBox) => Promise<Expectations> {
  const known = new Map<string, { learned: Promise<Expectations>; until: number }>();
  const learn = async (box: ListedBox): Promise<Expectations> =>
    new Map(await Promise.all(shape(box).map((object) => expect(object, box.box_id, tryOut))));
  return async (box) => {
    const key = likeness(box);
    const before = known.get(key);
    if (before && before.until > performance.now()) return before.learned;
    const entry = { learned: learn(box), until: Number.POSITIVE_INFINITY };
    known.set(key, entry);
    const learned = await entry.learned;
    if ([...learned.values()].some(({ stored }) => stored === undefined)) entry.until = performance.now() + AGAIN_MS;
    return learned;
  };
}

async function expect(object: KubeObject, boxId: string, tryOut: TryOut): Promise<[Kind, Expectation]> {
  const { kind } = object;
  const written = contentOf(kind, { ...object, labels: object.metadata.labels }, boxId);
  const wanted = contentHash(written);
  if (STORED_AS_WRITTEN.has(kind)) return [kind, { wanted, stored: written }];
  const stored = await tryOut(object).then(
    (answer) => contentOf(kind, readBack(answer), boxId),
    () => undefined,
  );
  return [kind, { wanted, stored }];
}

const Stored = z.object({
  metadata: z.object({ labels: z.record(z.string(), z.string()).optional() }),
  spec: z.unknown().optional(),
  automountServiceAccountToken: z.boolean().optional(),
});

function readBack(answer: unknown): ObjectContent {
  const { metadata, ...rest } = Stored.parse(answer);
  return { ...rest, labels: metadata.labels };
}

/** Boxes that differ only in identity and generation have the same objects, except for names. */
function likeness({ box_id, generation, observed_generation, fence, restart_token, busy, ...rest }: ListedBox): string {
  return JSON.stringify(rest, Object.keys(rest).sort());
}
