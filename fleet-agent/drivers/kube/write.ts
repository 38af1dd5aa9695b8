import { retry } from "#cluster/system/retry.ts";
import { type LeaseGuard, LeaseLost } from "../../lease.ts";
import type { KubeObject } from "../desired/kube-object.ts";
import { FENCE_ANNOTATION, MANAGED_BY } from "../desired/metadata.ts";
import type { KubeClient, KubeRequest } from "./kube-client.ts";
import { isConflict, isFencedOff, isNotFound, mayPass, unless } from "./kube-error.ts";
import { linger } from "./linger.ts";
import { objectPath } from "./resource-path.ts";
import { ObjectView } from "./views.ts";

export interface Writer {
  client: KubeClient;
  guard: LeaseGuard;
}

/** Six calls in about ten seconds: enough for a busy or restarting API server, and no storm for a broken one. */
const RETRIES = { attempts: 6, floorMs: 100, capMs: 5_000, retryable: mayPass };

/** How long a write that is on its way when its job ends may take to be answered. The fence stops a slower one. */
const LINGER_MS = 2_000;

/** One write with retries; the lease is checked before every attempt. */
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
      return linger(guard.signal, LINGER_MS, (signal) => client.answer({ ...request, signal }));
    });
  } catch (error) {
    if (isFencedOff(error)) throw new LeaseLost("the cluster has seen a newer holder of this box");
    throw error;
  }
}

/** One read with the same retries. */
export const read = ({ client, guard }: Writer, path: string, query?: Record<string, string>): Promise<unknown> =>
  retry({ ...RETRIES, signal: guard.signal }, () =>
    client.json({ method: "GET", path, signal: guard.signal, ...(query ? { query } : {}) }),
  );

/** The same; undefined if the object does not exist. */
export const readIfThere = (writer: Writer, path: string): Promise<unknown> =>
  unless(isNotFound, () => read(writer, path));

/**
 * Server-side apply of the whole object as its only owner: creates it, or reverts others' changes of our fields.
 * Unknown fields are an error, not dropped.
 */
export async function apply(writer: Writer, object: KubeObject): Promise<unknown> {
  return (await applyAnswered(writer, object)).body;
}

/** The same; returns whether this call created the object: false if it existed, or if an answer was lost. */
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

/** How often a delete is retried after a concurrent write. */
const DECISIONS = 5;

/**
 * Deletes exactly the version that was seen: not another object of the same name, and not one that a newer
 * holder of the box has written (`LeaseLost`). The admission policy can't check deletes, because they carry no
 * fence. Succeeds if the object is gone already.
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

/** False if the object has changed; throws at the last attempt. */
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
