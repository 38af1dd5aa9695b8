import { sleep } from "#cluster/system/retry.ts";
import { type FollowOptions, follow } from "./follow.ts";

/** One kind of object of the whole cluster, kept in memory by a watch. */
export interface Informer<T> {
  /** The current objects by uid; undefined before the first list and while they can't be watched. */
  items(): ReadonlyMap<string, T> | undefined;
  /** Resolves after the first list, or the first failure. */
  tried: Promise<void>;
  stopped: Promise<void>;
}

export type InformOptions<T> = Omit<FollowOptions<T>, "changed"> & {
  /** Called each time that watching fails, such as for a missing right; it is retried. */
  failed(error: unknown): void;
  changed?: FollowOptions<T>["changed"];
  againMs?: number;
  /** Starts after this: lists of thousands of objects take less memory one after another. */
  after?: Promise<void> | undefined;
};

/** The pause after a lasting failure: an operator may grant the missing right. */
const TRY_AGAIN_MS = 30_000;

/** Follows until `signal` aborts. While it fails, the objects are undefined rather than outdated. */
export function inform<T>(options: InformOptions<T>): Informer<T> {
  const { signal, failed, againMs = TRY_AGAIN_MS } = options;
  let items: ReadonlyMap<string, T> | undefined;
  const { promise: tried, resolve: haveTried } = Promise.withResolvers<void>();
  const changed: FollowOptions<T>["changed"] = (all, one) => {
    items = all;
    haveTried();
    options.changed?.(all, one);
  };
  const keepFollowing = async () => {
    await options.after;
    while (!signal.aborted) {
      await follow({ ...options, changed }).catch(failed);
      items = undefined;
      haveTried();
      await sleep(againMs, signal).catch(() => undefined);
    }
  };
  return { items: () => items, tried, stopped: keepFollowing().finally(haveTried) };
}
