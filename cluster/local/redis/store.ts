import { RedisError } from "./reply.ts";

/** Field → value. */
export type Hash = Map<string, string>;
/** Member → score. */
export type SortedSet = Map<string, number>;

interface DataByType {
  string: string;
  hash: Hash;
  set: Set<string>;
  list: string[];
  zset: SortedSet;
}

export type ValueType = keyof DataByType;
type CollectionType = Exclude<ValueType, "string">;

interface Entry {
  type: ValueType;
  data: DataByType[ValueType];
  expiresAt?: number | undefined;
}

const wrongType = () => new RedisError("WRONGTYPE Operation against a key holding the wrong kind of value");

/** Keys, their values and when they end. Times are milliseconds since 1970. */
export class Store {
  readonly now: () => number;
  readonly #entries = new Map<string, Entry>();

  constructor(now: () => number) {
    this.now = now;
  }

  /** What is there, if it has the type that the command needs. @throws RedisError WRONGTYPE */
  get<T extends ValueType>(key: string, type: T): DataByType[T] | undefined {
    const entry = this.#alive(key);
    if (!entry) return undefined;
    if (entry.type !== type) throw wrongType();
    return dataOf<T>(entry);
  }

  /** The same for a collection, which is made if it isn't there. Call `tidy` when done. */
  getOrMake<T extends CollectionType>(key: string, type: T): DataByType[T] {
    const found = this.get(key, type);
    if (found) return found;
    const entry = { type, data: emptyData(type) };
    this.#entries.set(key, entry);
    return dataOf<T>(entry);
  }

  /** Redis has no empty collections: the key goes with its last member. */
  tidy(key: string): void {
    const entry = this.#entries.get(key);
    if (entry && isEmpty(entry)) this.#entries.delete(key);
  }

  /** Replaces whatever is there; the key keeps its time only if told so. */
  setString(key: string, data: string, expiry: { expiresAt?: number | undefined; keep?: boolean } = {}): void {
    const expiresAt = expiry.keep ? this.#alive(key)?.expiresAt : expiry.expiresAt;
    this.#entries.set(key, { type: "string", data, expiresAt });
  }

  delete(key: string): boolean {
    const existed = this.has(key);
    this.#entries.delete(key);
    return existed;
  }

  has(key: string): boolean {
    return this.#alive(key) !== undefined;
  }

  typeOf(key: string): ValueType | undefined {
    return this.#alive(key)?.type;
  }

  /** Undefined: the key isn't there. Null: it has no end. */
  expiryOf(key: string): number | null | undefined {
    const entry = this.#alive(key);
    return entry && (entry.expiresAt ?? null);
  }

  /** Undefined makes it permanent; a time that isn't in the future deletes the key. */
  expireAt(key: string, at: number | undefined): void {
    const entry = this.#alive(key);
    if (!entry) return;
    if (at !== undefined && at <= this.now()) this.#entries.delete(key);
    else entry.expiresAt = at;
  }

  keys(): string[] {
    return [...this.#entries.keys()].filter((key) => this.has(key));
  }

  clear(): void {
    this.#entries.clear();
  }

  #alive(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    // Redis counts the millisecond of the end as alive.
    if (entry?.expiresAt === undefined || this.now() <= entry.expiresAt) return entry;
    this.#entries.delete(key);
    return undefined;
  }
}

/** The cast that `type` stands for: who puts data in says its type, and who takes it out has compared it. */
function dataOf<T extends ValueType>(entry: Entry): DataByType[T] {
  return entry.data as DataByType[T];
}

function emptyData(type: CollectionType): DataByType[CollectionType] {
  switch (type) {
    case "hash":
    case "zset":
      return new Map();
    case "set":
      return new Set();
    case "list":
      return [];
  }
}

/** Of a collection; a string is never empty in this sense. */
function isEmpty({ data }: Entry): boolean {
  if (typeof data === "string") return false;
  return Array.isArray(data) ? data.length === 0 : data.size === 0;
}
