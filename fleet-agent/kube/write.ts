import type { KubeObject } from "../desired/kube-object.ts";
import { MANAGED_BY } from "../desired/metadata.ts";
import { type LeaseGuard, LeaseLost } from "../lease.ts";
import { retry } from "../retry.ts";
import type { KubeClient, KubeRequest } from "./kube-client.ts";
import { isFencedOff, isNotFound, mayPass } from "./kube-error.ts";
import { objectPath } from "./resource-path.ts";

export interface Writer {
  client: KubeClient;
  guard: LeaseGuard;
}

/** Six calls in about ten seconds: a busy or restarting API server gets time, a broken one doesn't get a storm. */
const RETRIES = { attempts: 6, floorMs: 100, capMs: 5_000, retryable: mayPass };

/** One write, tried again where that may help; the lease is checked before every try. */
export async function write({ client, guard }: Writer, request: KubeRequest): Promise<unknown> {
  try {
    return await retry({ ...RETRIES, signal: guard.signal }, () => {
      guard.check();
      return client.json({ ...request, signal: guard.signal });
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
export function apply(writer: Writer, object: KubeObject): Promise<unknown> {
  return write(writer, {
    method: "PATCH",
    path: objectPath(object),
    query: { fieldManager: MANAGED_BY, force: "true", fieldValidation: "Strict" },
    contentType: "application/apply-patch+yaml",
    body: object,
  });
}

/** Deletes exactly the object that was seen, not one that took its name since. Gone already is fine. */
export async function remove(writer: Writer, path: string, uid: string): Promise<void> {
  const body = { kind: "DeleteOptions", apiVersion: "v1", preconditions: { uid }, propagationPolicy: "Background" };
  try {
    await write(writer, { method: "DELETE", path, body });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
