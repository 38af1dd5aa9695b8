import * as z from "zod";
import { fullJitter, sleep } from "#cluster/system/retry.ts";
import type { KubeClient } from "./kube-client.ts";
import { isGone, KubeError, mayPass } from "./kube-error.ts";
import { ObjectView } from "./views.ts";

export interface FollowOptions<T> {
  client: KubeClient;
  path: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** What to keep of each object: thousands are held in memory. */
  view: z.ZodType<T>;
  signal: AbortSignal;
  /** Called after the first list and after every change, with all current objects by uid; `one` is the changed one. */
  changed(items: ReadonlyMap<string, T>, one?: Change<T>): void;
}

export interface Change<T> {
  item: T;
  gone: boolean;
}

const WatchEvent = z.object({ type: z.string(), object: z.unknown() });
const Listed = z.object({
  metadata: z.object({ resourceVersion: z.string(), continue: z.string().optional() }),
  items: z.array(z.unknown()),
});
const Bookmark = z.object({ metadata: z.object({ resourceVersion: z.string() }) });
const Status = z.object({
  code: z.int().default(500),
  reason: z.string().default(""),
  message: z.string().default(""),
});

const WATCH_SECONDS = 290;
/** Random, so that an agent's dozen watches don't reconnect at the same time. */
const FLOOR_MS = 1_000;
/** Objects in one answer, which is held as text and as objects at the same time. */
const PER_PAGE = 100;

/**
 * Lists, then watches until `signal` aborts: continues after the server's timeouts, resets and an expired
 * history (410), with growing waits. Throws only lasting errors, such as a missing right.
 */
export async function follow<T>(options: FollowOptions<T>): Promise<void> {
  const { client, path, signal } = options;
  const items = new Map<string, T>();
  let from: string | undefined;
  let failures = 0;
  while (!signal.aborted) {
    try {
      from ??= await list(options, items);
      for await (const version of watch(options, items, from)) {
        from = version;
        failures = 0;
      }
      // If the server ends watches at once, don't reconnect in a tight loop.
      failures++;
      if (!signal.aborted) client.restarted?.(path, "ended");
    } catch (error) {
      if (signal.aborted) return;
      if (isGone(error)) from = undefined;
      else if (mayPass(error) === false) throw error;
      failures++;
      client.restarted?.(path, isGone(error) ? "gone" : "failed");
    }
    await sleep(fullJitter(failures + 1, FLOOR_MS, 15_000), signal).catch(() => undefined);
  }
}

/** Reports nothing before the last page. Starts again if the list expires midway (410). */
async function list<T>(options: FollowOptions<T>, items: Map<string, T>): Promise<string> {
  const { client, path, view, signal } = options;
  const found = new Map<string, T>();
  const request = { method: "GET" as const, path, signal };
  for (let next: string | undefined = ""; ; ) {
    const query = { ...selectors(options), limit: String(PER_PAGE), ...(next ? { continue: next } : {}) };
    const page = Listed.parse(await client.json({ ...request, query }));
    for (const raw of page.items) found.set(ObjectView.parse(raw).metadata.uid, view.parse(raw));
    next = page.metadata.continue;
    if (next) continue;
    items.clear();
    for (const [uid, item] of found) items.set(uid, item);
    options.changed(items);
    return page.metadata.resourceVersion;
  }
}

/** Yields the version up to which everything is known. */
async function* watch<T>(options: FollowOptions<T>, items: Map<string, T>, from: string) {
  const query = {
    ...selectors(options),
    watch: "1",
    allowWatchBookmarks: "true",
    resourceVersion: from,
    timeoutSeconds: String(WATCH_SECONDS),
  };
  const timeoutMs = (WATCH_SECONDS + 30) * 1_000;
  const { client, path, signal } = options;
  const request = { method: "GET" as const, path, query, signal, timeoutMs };
  for await (const line of client.lines(request)) {
    if (line) yield take(options, items, WatchEvent.parse(JSON.parse(line)));
  }
}

function take<T>(
  options: FollowOptions<T>,
  items: Map<string, T>,
  { type, object }: z.infer<typeof WatchEvent>,
): string {
  if (type === "ERROR") {
    const { code, reason, message } = Status.parse(object);
    throw new KubeError(code, reason, message);
  }
  if (type === "BOOKMARK") return Bookmark.parse(object).metadata.resourceVersion;
  const { uid, resourceVersion } = ObjectView.parse(object).metadata;
  const item = options.view.parse(object);
  const gone = type === "DELETED";
  if (gone) items.delete(uid);
  else items.set(uid, item);
  options.changed(items, { item, gone });
  return resourceVersion;
}

function selectors({ labelSelector, fieldSelector }: { labelSelector?: string; fieldSelector?: string }) {
  const query: Record<string, string> = {};
  if (labelSelector) query.labelSelector = labelSelector;
  if (fieldSelector) query.fieldSelector = fieldSelector;
  return query;
}
