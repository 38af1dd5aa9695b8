import * as z from "zod";
import type { ClusterSettings } from "../../config/cluster-settings.ts";
import { isByDigest } from "../../drivers/desired/settings-warnings.ts";
import type { KubeClient } from "../../drivers/kube/kube-client.ts";
import { isForbidden, unless } from "../../drivers/kube/kube-error.ts";
import { AS_ADMINISTRATOR } from "./cluster-checks.ts";
import { type Finding, ok, skipped, warn } from "./finding.ts";

/** Kubelets write `null` for the names of an image that another one of the same name has replaced. */
const Image = z.object({ names: z.array(z.string()).nullish() });
const Nodes = z.object({
  items: z.array(z.object({ status: z.object({ images: z.array(Image).default([]) }).prefault({}) })),
});

/** Whether the gateway image is named by digest, and which nodes have it already. */
export async function imageCheck(client: KubeClient, { image, imagePullPolicy }: ClusterSettings): Promise<Finding[]> {
  const pinned = isByDigest(image)
    ? ok("gateway image", image)
    : warn(
        "gateway image",
        `${image} names no digest`,
        "Name it name@sha256:…: who can move the tag changes all boxes.",
      );
  return [pinned, await onNodes(client, image, imagePullPolicy)];
}

async function onNodes(
  client: KubeClient,
  image: string,
  policy: ClusterSettings["imagePullPolicy"],
): Promise<Finding> {
  const name = "gateway image on nodes";
  const nodes = await unless(isForbidden, () => client.json({ method: "GET", path: "/api/v1/nodes" }));
  if (nodes === undefined) return skipped(name, "this identity may not see nodes", AS_ADMINISTRATOR);
  const { items } = Nodes.parse(nodes);
  const having = items.filter(({ status }) =>
    status.images.some(({ names }) => names?.some((one) => isSame(one, image))),
  );
  if (having.length === items.length && items.length > 0) return ok(name, `on all ${items.length}`);
  const detail = `on ${having.length} of ${items.length} nodes`;
  if (policy === "Never")
    return warn(name, detail, "IMAGE_PULL_POLICY is Never: boxes start only where it is; import it there.");
  return warn(
    name,
    detail,
    "The first box on another node waits until it is pulled; its registry must be reachable there.",
  );
}

/** Nodes know an image by its digest and by its tag, and `docker.io/library/` may be left out. Kubelets list fifty images. */
export function isSame(onNode: string, wanted: string): boolean {
  const digest = /@sha256:[0-9a-f]{64}$/.exec(wanted)?.[0];
  if (digest) return onNode.endsWith(digest) && onNode.startsWith(wanted.split(/[@:]/)[0] ?? "");
  const tagged = /:[^/]+$/.test(wanted) ? wanted : `${wanted}:latest`;
  return onNode === tagged || onNode === `docker.io/${tagged}` || onNode === `docker.io/library/${tagged}`;
}
