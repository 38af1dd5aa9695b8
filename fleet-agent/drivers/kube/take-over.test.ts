import { describe, expect, it } from "vitest";
import { withForeignAsOurs } from "./take-over.ts";

const ours = { manager: "fleet-agent", operation: "Apply", fieldsV1: { "f:spec": { "f:replicas": {} } } };
const edit = (fieldsV1: object, more: object = {}) => ({
  manager: "kubectl-edit",
  operation: "Update",
  fieldsV1: fieldsV1 as never,
  ...more,
});

describe("what others have set", () => {
  it("becomes ours, beside what was ours, field by field", () => {
    const added = edit({
      "f:spec": { "f:template": { "f:spec": { "f:hostNetwork": {} } } },
      "f:metadata": { "f:labels": {} },
    });
    expect(withForeignAsOurs([ours, added])).toEqual([
      { ...ours, fieldsV1: { "f:spec": { "f:replicas": {}, "f:template": { "f:spec": { "f:hostNetwork": {} } } } } },
    ]);
    const twice = edit({ "f:data": { "f:a": {} } }, { manager: "fleet-agent" });
    expect(withForeignAsOurs([ours, twice, edit({ "f:data": { "f:b": {} } })])).toMatchObject([
      { fieldsV1: { "f:data": { "f:a": {}, "f:b": {} }, "f:spec": { "f:replicas": {} } } },
    ]);
  });

  it("stays theirs where it is the cluster's own, only a label, or a restart by hand", () => {
    const status = edit({ "f:status": {} }, { manager: "k3s", subresource: "status" });
    const label = edit({ "f:metadata": { "f:labels": {} } });
    const restartedAt = { "f:annotations": { "f:kubectl.kubernetes.io/restartedAt": {} } };
    const restart = edit({ "f:spec": { "f:template": { "f:metadata": restartedAt } } }, { manager: "kubectl-rollout" });
    const all = [ours, status, label, restart];
    expect(withForeignAsOurs(all)).toEqual(all);
  });
});
