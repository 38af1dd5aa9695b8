import { describe, expect, it } from "vitest";
import { sampleBox } from "../../testing/sample-box.ts";
import { SETTINGS } from "../../testing/sample-cluster.ts";
import { allObjects, boxObjects } from "./box-objects.ts";
import { contentHash, contentOf } from "./content.ts";
import type { KubeObject } from "./kube-object.ts";
import { CONTENT_ANNOTATION } from "./metadata.ts";

const content = (object: KubeObject, boxId: string) =>
  contentOf(object.kind, { ...object, labels: object.metadata.labels }, boxId);
const contents = (box = sampleBox()) =>
  allObjects(boxObjects(box, SETTINGS)).map((object) => content(object, box.box_id));

describe("the content of an object", () => {
  it("is the same for two boxes of one plan, whatever job wrote them", () => {
    expect(contents(sampleBox({ fence: 9, generation: 8, restart_token: "r2" }))).toEqual(contents());
    expect(contents(sampleBox({ tier: "team" }))).not.toEqual(contents());
    expect(contents(sampleBox({ status: "suspended" }))).not.toEqual(contents());
    expect(contents(sampleBox({ image: "other@sha256:2" }))).not.toEqual(contents());
  });

  it("is what its annotation has the hash of", () => {
    const box = sampleBox();
    for (const object of allObjects(boxObjects(box, SETTINGS))) {
      expect(object.metadata.annotations[CONTENT_ANNOTATION]).toBe(contentHash(content(object, box.box_id)));
    }
  });

  it("holds no secret", () => {
    expect(contents().join()).not.toContain("canary");
  });

  const spec = (annotations: object) => ({
    template: { metadata: { annotations, creationTimestamp: null }, spec: {} },
  });
  const deployment = (annotations: object, labels: Record<string, string> = {}) =>
    contentOf("Deployment", { labels, spec: spec(annotations) }, "id");
  it("leaves out what others may write", () => {
    const plain = deployment({});
    expect(deployment({ "kubectl.kubernetes.io/restartedAt": "now", "fleet/restart-token": "r9" })).toBe(plain);
    expect(deployment({}, { "argocd.argoproj.io/instance": "x" })).toBe(plain);
    expect(deployment({ "fleet/other": "x" })).not.toBe(plain);
    expect(deployment({}, { "pod-security.kubernetes.io/enforce": "privileged" })).not.toBe(plain);
  });

  it("does not depend on the order of keys", () => {
    expect(contentOf("ResourceQuota", { spec: { a: 1, b: { c: 1, d: 2 } } }, "id")).toBe(
      contentOf("ResourceQuota", { spec: { b: { d: 2, c: 1 }, a: 1 } }, "id"),
    );
  });
});
