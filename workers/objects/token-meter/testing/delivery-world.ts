/** Meters, their disks, the batch writer they share and the ledger, in memory: each step is one thing that can happen. */
import type { UsageEvent } from "../../../contracts/meter.ts";
import {
  type DeliveryEffect,
  type DeliveryEvent,
  type DeliveryState,
  isWanted,
  startDelivery,
  transition,
} from "../delivery-transition.ts";
import type { Numbered } from "../store/events.ts";

/** What becomes of a statement: `lost`: it is done, and its answer does not arrive. */
export type Fate = "done" | "failed" | "lost";

export type Happening =
  | { do: "send" }
  | { do: "answer"; which: number; fate: Fate }
  | { do: "sync"; meter: number; which: number }
  | { do: "own"; meter: number; fate: Fate }
  | { do: "book" | "ring" | "flush" | "clear" | "evict"; meter: number };

interface Entry extends Numbered {
  life: Life;
}

/** One statement takes so many events. */
const STATEMENT = 3;

export class World {
  readonly ledger = new Set<string>();
  readonly queue = new Set<Entry>();
  readonly meters = [new Meter(this, "a"), new Meter(this, "b")];
  /** Of the batch writer; more than one where it took a slow one for dead. */
  readonly statements: Entry[][] = [];

  happen(it: Happening): void {
    if (it.do === "send") this.#sendShared();
    else if (it.do === "answer") this.#endShared(it.which, it.fate);
    else this.#happenTo(this.meters[it.meter] as Meter, it);
  }

  #happenTo(meter: Meter, it: Extract<Happening, { meter: number }>): void {
    if (it.do === "book") meter.book();
    else if (it.do === "evict") meter.evict();
    else if (it.do === "sync") meter.life.sync(it.which);
    else if (it.do === "own") meter.life.endOwn(it.fate);
    else if (it.do === "ring") meter.life.ring();
    else meter.life.dispatch({ type: it.do });
  }

  #sendShared(): void {
    for (const entry of this.queue) if (!entry.life.wants(entry.seq)) this.queue.delete(entry);
    const batch = [...this.queue].slice(0, STATEMENT);
    if (batch.length > 0) this.statements.push(batch);
  }

  #endShared(which: number, fate: Fate): void {
    const [batch = []] = this.statements.splice(which % Math.max(1, this.statements.length), 1);
    if (fate !== "failed") for (const { event } of batch) this.ledger.add(event.id);
    const answered = fate === "done" ? batch : [...this.queue];
    for (const entry of answered) {
      this.queue.delete(entry);
      entry.life.dispatch({ type: fate === "done" ? "written" : "returned", seq: entry.seq });
    }
  }
}

/** The object: what its disk holds outlives its lives. */
export class Meter {
  readonly world: World;
  readonly name: string;
  readonly rows = new Map<number, { event: UsageEvent; onDisk: boolean }>();
  /** Whose settlement was answered, or may have been. */
  readonly booked = new Set<string>();
  life: Life;
  #count = 0;

  constructor(world: World, name: string) {
    this.world = world;
    this.name = name;
    this.life = new Life(this);
  }

  book(): void {
    const event = { id: `${this.name}${++this.#count}` } as UsageEvent;
    this.booked.add(event.id);
    this.life.book(event);
  }

  evict(): void {
    for (const [seq, { event, onDisk }] of this.rows) {
      if (onDisk) continue;
      this.rows.delete(seq);
      this.booked.delete(event.id);
    }
    this.life = new Life(this);
  }
}

/** What an eviction takes away. */
export class Life {
  state: DeliveryState;
  timer = false;
  own: Numbered[] | undefined;
  readonly syncs: (readonly Numbered[])[] = [];
  readonly meter: Meter;
  #last: number;

  constructor(meter: Meter) {
    this.meter = meter;
    this.#last = Math.max(0, ...meter.rows.keys());
    this.state = startDelivery({ last: this.#last, waiting: meter.rows.size, notices: 0 });
  }

  wants = (seq: number): boolean => isWanted(this.state, seq);

  dispatch(event: DeliveryEvent): void {
    const [next, effects] = transition(this.state, event);
    this.state = next;
    for (const effect of effects) this.#perform(effect);
  }

  book(event: UsageEvent): void {
    const fresh = [{ seq: ++this.#last, event }];
    this.meter.rows.set(this.#last, { event, onDisk: false });
    this.dispatch({ type: "booked", fresh, notices: 0 });
  }

  ring(): void {
    if (!this.timer) return;
    this.timer = false;
    this.dispatch({ type: "timer" });
  }

  /** The disk has it: the batch writer gets it. */
  sync(which: number): void {
    const [entries = []] = this.syncs.splice(which % Math.max(1, this.syncs.length), 1);
    if (entries.length > 0) this.#toDisk();
    for (const entry of entries) this.meter.world.queue.add({ ...entry, life: this });
  }

  endOwn(fate: Fate): void {
    if (!this.own) return;
    const batch = this.own;
    this.own = undefined;
    if (fate !== "failed") for (const { event } of batch) this.meter.world.ledger.add(event.id);
    const upTo = batch.at(-1)?.seq;
    if (fate === "done" && upTo !== undefined) this.dispatch({ type: "recorded", upTo });
    if (fate === "done" && batch.length === STATEMENT) this.#sendOwn();
    else this.#ended(fate === "done");
  }

  #perform(effect: DeliveryEffect): void {
    if (effect.do === "enqueue") this.syncs.push(effect.entries);
    else if (effect.do === "wait") this.timer = true;
    else if (effect.do === "write") this.#sendOwn();
    else this.#clear(effect.upTo);
  }

  #clear(upTo: number): void {
    for (const [seq, { event }] of this.meter.rows) {
      if (seq > upTo) continue;
      if (!this.meter.world.ledger.has(event.id)) throw new Error(`${event.id} is cleared and not in the ledger`);
      this.meter.rows.delete(seq);
    }
  }

  /** The output gate: no statement leaves before what it says is on disk. */
  #sendOwn(): void {
    this.#toDisk();
    const rows = [...this.meter.rows].map(([seq, { event }]) => ({ seq, event }));
    this.own = rows.slice(0, STATEMENT);
  }

  #ended(ok: boolean): void {
    this.dispatch({ type: "ended", ok, notices: 0 });
    this.dispatch({ type: "booked", fresh: [], notices: 0 });
  }

  #toDisk(): void {
    for (const row of this.meter.rows.values()) row.onDisk = true;
  }
}
