import type { Secret } from "../desired/kube-object.ts";
import { MANAGED_BY } from "../desired/metadata.ts";
import type { KubeRequest } from "./kube-client.ts";
import { isNotFound, isThereAlready, mayPass, unless } from "./kube-error.ts";
import { collectionPath, objectPath } from "./resource-path.ts";
import { ObjectView } from "./views.ts";
import { type Writer, write } from "./write.ts";

/**
 * Writes the whole Secret and returns its version. Uses only POST and PUT, whose answers hold what was sent: the answer to
 * a patch is the stored object, so the right to patch Secrets would be the right to read them. Removes others'
 * additions. `isNew`: it did not exist a moment ago.
 */
export async function writeSecret(writer: Writer, secret: Secret, isNew: boolean): Promise<string> {
  // Twice, in case it was created or deleted in between.
  for (const way of isNew ? [create, replace, create] : [replace, create, replace]) {
    const stored = await way(writer, secret);
    if (stored) return ObjectView.parse(stored).metadata.resourceVersion;
  }
  throw new Error("the box's Secret was made and deleted again while it was written");
}

const query = { fieldManager: MANAGED_BY, fieldValidation: "Strict" };

/** Undefined if there is one. */
const create = (writer: Writer, body: Secret): Promise<unknown> =>
  send(
    writer,
    { method: "POST", path: collectionPath("Secret", body.metadata.namespace), query, body },
    isThereAlready,
  );

/** Undefined if there is none. */
const replace = (writer: Writer, body: Secret): Promise<unknown> =>
  send(writer, { method: "PUT", path: objectPath(body), query, body }, isNotFound);

const send = (writer: Writer, request: KubeRequest, isRefused: (error: unknown) => boolean): Promise<unknown> =>
  unless(isRefused, () => write(writer, request, (error) => !isRefused(error) && mayPass(error)));
