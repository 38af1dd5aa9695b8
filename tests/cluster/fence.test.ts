/** On a real API server: a writer that was overtaken writes nothing any more, wherever it had come to. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collectionPath } from "#fleet-agent/drivers/kube/resource-path.ts";
import { sampleBox } from "#fleet-agent/testing/sample-box.ts";
import { namespaceOf } from "#schema/domain/ids.ts";
import { kubectlByForce } from "#tests/harness/cluster.ts";
import { applying, making, mayRemove, refusalOf } from "#tests/harness/kube-access.ts";
import { objectsOf, type Tree, type WrittenBox, writeBox } from "#tests/harness/written-box.ts";

const box = sampleBox({ status: "suspended", fence: 7 });
const namespace = namespaceOf(box.box_id);
const lost = sampleBox({ status: "suspended", fence: 7 });
const [space, ...rest] = objectsOf(lost);
let written: WrittenBox;
beforeAll(async () => {
  written = await writeBox(box);
});
afterAll(() => written.remove());

const put =
  (fence: string) =>
  (object: Tree): Tree =>
    Object.assign(object.metadata, { annotations: { "fleet/fence": fence } });

describe("a writer whose fence is old", () => {
  const kinds = rest.map((object) => object.kind);

  test.each(["Namespace", ...kinds] as const)("is refused for a %s, whoever it is", async (kind) => {
    const { kube, changed, tryAsAgent } = written;
    const stale = changed(kind, put("6"));
    expect(await tryAsAgent(stale)).toContain("fleet/fence 6 is older than the stored 7");
    expect(await refusalOf(kube.admin, applying(stale, true))).toContain("fleet/fence 6 is older");
    expect(await tryAsAgent(changed(kind, put("8")))).toBeNull();
  });

  describe("where the object is not there", () => {
    beforeAll(() => written.kube.agent.json(applying(space as Tree)));
    afterAll(() =>
      written.kube.admin.json({ method: "DELETE", path: `/api/v1/namespaces/${namespaceOf(lost.box_id)}` }),
    );

    test.each(rest.map((object) => [object.kind, object] as const))("may make no %s either", async (_, object) => {
      const { agent, admin } = written.kube;
      const of = (annotations: object): Tree => ({ ...object, metadata: { ...object.metadata, annotations } });
      const stale = making(of({ "fleet/fence": "6" }), true);
      expect(await refusalOf(agent, stale)).toContain("fleet/fence 6 is older than the stored 7");
      expect(await refusalOf(admin, stale)).toContain("fleet/fence 6 is older than the stored 7");
      expect(await refusalOf(agent, making(of({}), true))).toContain("fleet/fence 0 is older");
      expect(await refusalOf(agent, making(object, true))).toBeNull();
    });
  });

  test("may not even change what a newer one has not come to yet; others than the agent may", async () => {
    const { kube, changed, tryAsAgent } = written;
    await kube.agent.json(applying(changed("Namespace", put("9"))));
    expect(await tryAsAgent(changed("LimitRange", put("8")))).toContain("fleet/fence 8 is older than the stored 9");
    const note = { metadata: { annotations: { "example.com/note": "x" } } };
    const path = `${collectionPath("LimitRange", namespace)}/gateway`;
    const contentType = "application/merge-patch+json";
    expect(await refusalOf(kube.admin, { method: "PATCH", path, contentType, body: note })).toBeNull();
  });
});

describe("a fence that is no number", () => {
  test.each(["x", "-1", "1e9", "", "9999999999999999"])("is refused: %j", async (fence) => {
    const { changed, tryAsAgent } = written;
    expect(await tryAsAgent(changed("ResourceQuota", put(fence)))).toContain("fleet/fence is a whole number");
  });

  test("is mended where it is stored", async () => {
    const { kube, changed } = written;
    // Without the label, by which the policy knows the agent's objects: as one was stored before there was a policy.
    const broken = changed("LimitRange", (it) => {
      Object.assign(it.metadata, { name: "broken", labels: {}, annotations: { "fleet/fence": "x" } });
    });
    await kubectlByForce(["create", "-f", "-"], JSON.stringify(broken));
    const mended = changed("LimitRange", (it) => Object.assign(put("9")(it), { name: "broken" }));
    expect(await refusalOf(kube.agent, applying(mended))).toBeNull();
    const path = `${collectionPath("LimitRange", namespace)}/broken`;
    expect(await refusalOf(kube.agent, mayRemove(path))).toBeNull();
  });
});
