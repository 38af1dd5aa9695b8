import { retry } from "#cluster/system/retry.ts";
import { type LeaseGuard, LeaseLost } from "../../lease.ts";
import type { KubeObject } from "../desired/kube-object.ts";
import { FENCE_ANNOTATION, MANAGED_BY } from "../desired/metadata.ts";
import type { KubeClient, KubeRequest } from "./kube-client.ts";
import { isConflict, isFencedOff, isNotFound, mayPass } from "./kube-error.ts";
import { objectPath } from "./resource-path.ts";
import { ObjectView } from "./views.ts";

export interface Writer {
  client: KubeClient;
  guard: LeaseGuard;
}

/** Six calls in about ten seconds: a busy or restarting API server gets time, a broken one doesn't get a storm. */
const RETRIES = { attempts: 6, floorMs: 100, capMs: 5_000, retryable: mayPass };

/** One write, tried again where that may help; the lease is checked before every try. */
export async function write(
  writer: Writer,
  request: KubeRequest,
  retryable: (error: unknown) => boolean | number = mayPass,
): Promise<unknown> {
  return (await writeAnswered(writer, request, retryable)).body;
}

async function writeAnswered(
  { client, guard }: Writer,
  request: KubeRequest,
  retryable: (error: unknown) => boolean | number = mayPass,
): Promise<{ status: number; body: unknown }> {
  try {
    return await retry({ ...RETRIES, retryable, signal: guard.signal }, () => {
      guard.check();
      return client.answer({ ...request, signal: guard.signal });
    });
  } catch (error) {
    if (isFencedOff(error)) throw new LeaseLost("the cluster has seen a newer holder of this box");
    throw error;
  }
}

/** One read, with the same patience. */
export const read = ({ client, guard }: Writer, path: string, query?: Record<string, string>): Promise<unknown> =>
  retry({ ...RETRIES, signal: guard.signal }, () =>
    client.json({ method: "GET", path, signal: guard.signal, ...(query ? { query } : {}) }),
  );

/** The same, undefined where there is nothing. */
export async function readIfThere(writer: Writer, path: string): Promise<unknown> {
  try {
    return await read(writer, path);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/**
 * Server-side apply of the whole object as its one owner: creates it, or puts right whatever somebody changed.
 * Unknown fields are an error, not dropped.
 */
export async function apply(writer: Writer, object: KubeObject): Promise<unknown> {
  return (await applyAnswered(writer, object)).body;
}

/** The same, telling whether this very call made the object: false where it was there, or an answer was lost on the way. */
export async function applyAnswered(writer: Writer, object: KubeObject): Promise<{ made: boolean; body: unknown }> {
  const { status, body } = await writeAnswered(writer, {
    method: "PATCH",
    path: objectPath(object),
    query: { fieldManager: MANAGED_BY, force: "true", fieldValidation: "Strict" },
    contentType: "application/apply-patch+yaml",
    body: object,
  });
  return { made: status === 201, body };
}

/** Deletes that somebody's write came in between are decided anew; more often than this it is a fight. */
const DECISIONS = 5;

/**
 * Deletes exactly the object that was seen, as it was seen: not one that took its name since, and not one that a newer
 * holder of the box has written to (`LeaseLost`): deletes are out of the admission policy's reach, which knows of no
 * fence in them. Gone already is fine.
 */
export async function remove(writer: Writer, path: string, seen: ObjectView, fence: number): Promise<void> {
  let now = seen;
  for (let left = DECISIONS; ; left--) {
    const { uid, resourceVersion, annotations } = now.metadata;
    if (Number(annotations?.[FENCE_ANNOTATION] ?? 0) > fence)
      throw new LeaseLost("the cluster has seen a newer holder of this box");
    if (await tryRemove(writer, path, { uid, resourceVersion }, left === 0)) return;
    const found = await readIfThere(writer, path);
    if (!found) return;
    now = ObjectView.parse(found);
    if (now.metadata.uid !== uid || now.metadata.deletionTimestamp) return;
  }
}

/** False where the object isn't any more what it was; an error where that is the last try. */
async function tryRemove(writer: Writer, path: string, preconditions: object, last: boolean): Promise<boolean> {
  const body = { kind: "DeleteOptions", apiVersion: "v1", preconditions, propagationPolicy: "Background" };
  try {
    await write(writer, { method: "DELETE", path, body }, (error) => !isConflict(error) && mayPass(error));
    return true;
  } catch (error) {
    if (isNotFound(error)) return true;
    if (isConflict(error) && !last) return false;
    throw error;
  }
}
