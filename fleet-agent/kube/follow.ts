import * as z from "zod";
import { fullJitter, sleep } from "../retry.ts";
import type { KubeClient } from "./kube-client.ts";
import { isGone, KubeError, mayPass } from "./kube-error.ts";
import type { ObjectView } from "./views.ts";

export interface FollowOptions<T extends ObjectView> {
  client: KubeClient;
  path: string;
  labelSelector?: string;
  fieldSelector?: string;
  view: z.ZodType<T>;
  signal: AbortSignal;
  /** Called after the first list and after every change, with all that is there now, by uid. */
  changed(items: ReadonlyMap<string, T>): void;
}

const WatchEvent = z.object({ type: z.string(), object: z.unknown() });
const Listed = z.object({ metadata: z.object({ resourceVersion: z.string() }), items: z.array(z.unknown()) });
const Bookmark = z.object({ metadata: z.object({ resourceVersion: z.string() }) });
const Status = z.object({
  code: z.int().default(500),
  reason: z.string().default(""),
  message: z.string().default(""),
});

const WATCH_SECONDS = 290;

/**
 * Lists, then watches, and keeps at it until `signal` aborts: over the server's timeouts, resets, and a history
 * that is gone (410), with growing waits. Throws only what waiting can't mend, such as a missing right.
 */
export async function follow<T extends ObjectView>(options: FollowOptions<T>): Promise<void> {
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
      // A server that ends watches at once must not be asked in a tight loop.
      failures++;
      if (!signal.aborted) client.restarted?.(path, "ended");
    } catch (error) {
      if (signal.aborted) return;
      if (isGone(error)) from = undefined;
      else if (mayPass(error) === false) throw error;
      failures++;
      client.restarted?.(path, isGone(error) ? "gone" : "failed");
    }
    await sleep(fullJitter(failures, 100, 15_000), signal).catch(() => undefined);
  }
}

async function list<T extends ObjectView>(options: FollowOptions<T>, items: Map<string, T>): Promise<string> {
  const { client, path, view, signal } = options;
  const answer = Listed.parse(await client.json({ method: "GET", path, query: selectors(options), signal }));
  items.clear();
  for (const raw of answer.items) {
    const item = view.parse(raw);
    items.set(item.metadata.uid, item);
  }
  options.changed(items);
  return answer.metadata.resourceVersion;
}

/** Yields the version up to which everything is known. */
async function* watch<T extends ObjectView>(options: FollowOptions<T>, items: Map<string, T>, from: string) {
  const query = {
    ...selectors(options),
    watch: "1",
    allowWatchBookmarks: "true",
    resourceVersion: from,
    timeoutSeconds: String(WATCH_SECONDS),
  };
  const timeoutMs = (WATCH_SECONDS + 30) * 1_000;
  const { client, path, signal } = options;
  for await (const line of client.lines({ method: "GET", path, query, signal, timeoutMs })) {
    if (line) yield take(options, items, WatchEvent.parse(JSON.parse(line)));
  }
}

function take<T extends ObjectView>(
  options: FollowOptions<T>,
  items: Map<string, T>,
  { type, object }: z.infer<typeof WatchEvent>,
): string {
  if (type === "ERROR") {
    const { code, reason, message } = Status.parse(object);
    throw new KubeError(code, reason, message);
  }
  if (type === "BOOKMARK") return Bookmark.parse(object).metadata.resourceVersion;
  const item = options.view.parse(object);
  if (type === "DELETED") items.delete(item.metadata.uid);
  else items.set(item.metadata.uid, item);
  options.changed(items);
  return item.metadata.resourceVersion;
}

function selectors({ labelSelector, fieldSelector }: { labelSelector?: string; fieldSelector?: string }) {
  const query: Record<string, string> = {};
  if (labelSelector) query.labelSelector = labelSelector;
  if (fieldSelector) query.fieldSelector = fieldSelector;
  return query;
}
