import type { Secret } from "../desired/kube-object.ts";
import { MANAGED_BY } from "../desired/metadata.ts";
import { isNotFound, isThereAlready, mayPass } from "./kube-error.ts";
import { collectionPath, objectPath } from "./resource-path.ts";
import { ObjectView } from "./views.ts";
import { type Writer, write } from "./write.ts";

/**
 * Writes the whole Secret and returns its version. By POST and PUT alone, whose answers hold what was sent: a patch is
 * answered with all that is stored, so the right to patch Secrets would be the right to read every box's. What somebody
 * else has added goes. `isNew`: it was not there a moment ago.
 */
export async function writeSecret(writer: Writer, secret: Secret, isNew: boolean): Promise<string> {
  // The second time for one that was made, or deleted, in between.
  for (const way of isNew ? [create, replace, create] : [replace, create, replace]) {
    const stored = await way(writer, secret);
    if (stored) return ObjectView.parse(stored).metadata.resourceVersion;
  }
  throw new Error("the box's Secret was made and deleted again while it was written");
}

const query = { fieldManager: MANAGED_BY, fieldValidation: "Strict" };

/** Undefined where there is one. */
const create = (writer: Writer, body: Secret): Promise<unknown> => {
  const path = collectionPath("Secret", body.metadata.namespace);
  return unless(isThereAlready, (retryable) => write(writer, { method: "POST", path, query, body }, retryable));
};

/** Undefined where there is none. */
const replace = (writer: Writer, body: Secret): Promise<unknown> =>
  unless(isNotFound, (retryable) => write(writer, { method: "PUT", path: objectPath(body), query, body }, retryable));

async function unless(
  isRefused: (error: unknown) => boolean,
  send: (retryable: typeof mayPass) => Promise<unknown>,
): Promise<unknown> {
  try {
    return await send((error) => !isRefused(error) && mayPass(error));
  } catch (error) {
    if (isRefused(error)) return undefined;
    throw error;
  }
}
