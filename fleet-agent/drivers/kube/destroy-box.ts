import type { DesiredBox } from "#schema/contracts/fleet.ts";
import { namespaceOf } from "#schema/domain/ids.ts";
import { MANAGED_BY } from "../desired/metadata.ts";
import { DriverFailure, failureOf, type ReportStep } from "../driver.ts";
import { collectionPath } from "./resource-path.ts";
import { NamespaceView } from "./views.ts";
import { waitUntilGone } from "./wait-for-box.ts";
import { readIfThere, remove, type Writer } from "./write.ts";

/** Removes the namespace with everything in it, the memory included. Succeeds if there is none. */
export async function destroyBox(writer: Writer, box: DesiredBox, report: ReportStep): Promise<void> {
  const namespace = namespaceOf(box.box_id);
  const path = `${collectionPath("Namespace")}/${namespace}`;
  const found = await readIfThere(writer, path);
  if (!found) return report("remove", "nothing to remove");
  const seen = NamespaceView.parse(found);
  const { metadata } = seen;
  if (metadata.labels?.["app.kubernetes.io/managed-by"] !== MANAGED_BY) {
    const message = `The namespace ${namespace} was not created by the fleet-agent, so it isn't removed.`;
    throw new DriverFailure(failureOf("forbidden", message));
  }
  await report("remove", "removing the box and its memory");
  if (!metadata.deletionTimestamp) await remove(writer, path, seen, box.fence);
  await waitUntilGone(writer, namespace, report);
  await report("remove", "all of the box's objects are removed");
}
