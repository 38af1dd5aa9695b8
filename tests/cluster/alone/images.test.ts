/** Which images boxes may run is said for a whole cluster, so nobody else may start a box while it is said otherwise. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { sampleBox } from "#fleet-agent/testing/sample-box.ts";
import { namespaceOf } from "#schema/domain/ids.ts";
import { kubectl, kubectlJson, type Pod, podsOf } from "#tests/harness/cluster.ts";
import { until } from "#tests/harness/until.ts";
import { type WrittenBox, writeBox } from "#tests/harness/written-box.ts";

const box = sampleBox();
const namespace = namespaceOf(box.box_id);
let written: WrittenBox;
let pod: Pod;
beforeAll(async () => {
  written = await writeBox(box);
  pod = await until("the box's pod", async () => (await podsOf(namespace))[0]);
});
afterAll(() => written.remove());

/** The refusal of a Deployment whose one container is otherwise. */
const asAgent = (change: object) =>
  written.tryAsAgent(
    written.changed("Deployment", ({ spec }) => Object.assign(spec.template.spec.containers[0], change)),
  );

test("a box's image goes by its digest, unless the cluster's operator has said otherwise", async () => {
  const digest = "a".repeat(64);
  const byTag = () => asAgent({ image: "localhost/openclaw-cloud/gateway:other" });
  const byDigest = (of: string) => asAgent({ image: `localhost/openclaw-cloud/gateway${of}@sha256:${digest}` });
  expect([await byTag(), await byDigest(""), await byDigest(":ci")]).toEqual([null, null, null]);
  const settings = ["configmap", "fleet-images", "-n", "fleet-system"];
  const { data } = await kubectlJson<{ data: object }>(["get", ...settings]);
  await kubectl(["patch", ...settings, "--type=merge", "-p", '{"data":{"tags":null}}']);
  await until("tags to be refused", byTag);
  expect(await byTag()).toContain("by its digest, not localhost/openclaw-cloud/gateway:other");
  expect([await byDigest(""), await byDigest(":ci")]).toEqual([null, null]);
  // What runs already, by a tag, is changed in other ways all the same.
  expect(await asAgent({ imagePullPolicy: "Always" })).toBeNull();
  expect(await kubectl(["label", "pod", pod.metadata.name, "-n", namespace, "team=blue"])).toContain("labeled");

  await kubectl(["delete", ...settings]);
  await until("all images to be refused", () => byDigest(""));
  const again = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: settings[1] }, data };
  await kubectl(["create", "-n", "fleet-system", "-f", "-"], JSON.stringify(again));
  await until("tags to be allowed", async () => (await byTag()) === null);
});
