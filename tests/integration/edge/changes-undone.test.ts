/** A box's supervisor says that its agent changed what is not its own: how operators see it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { CHANGES_PATH } from "#schema/contracts/changes-undone.ts";
import { type EdgeTest, startEdgeTest } from "./edge-test.ts";
import { auditOf } from "./token-calls.ts";

let edge: EdgeTest;
let boxId: string;
let token: string;
beforeAll(async () => {
  edge = await startEdgeTest();
  const { box, job } = await edge.provision();
  boxId = box.id;
  const { config } = await edge.agent.desired(await edge.grantOf(job.id));
  token = config?.proxy.token ?? "";
});
afterAll(() => edge.close());

const tell = (files: string[]) =>
  fetch(edge.stack.url + CHANGES_PATH, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ files }),
  });

test("the box shows when, the audit log which files, and an alert is raised", async () => {
  expect((await edge.operator.box(boxId)).change_undone_at).toBeNull();
  expect((await tell(["openclaw.json", ".env"])).status).toBe(204);
  const { change_undone_at } = await edge.operator.box(boxId);
  expect(Date.now() - Date.parse(change_undone_at ?? "")).toBeLessThan(60_000);
  const [entry] = await edge.query("select actor, detail from audit_log where action = 'box.change_undone'");
  expect(entry).toEqual({ actor: `box:${boxId}`, detail: { files: "openclaw.json, .env" } });
  const alerts = edge.logs.filter((line) => line.includes('"kind":"box_changed_from_inside"'));
  expect(alerts.map((line) => JSON.parse(line))).toMatchObject([
    { level: "error", box_id: boxId, reason: "openclaw.json, .env" },
  ]);
});

test("whoever has the token can't fill the log with it", async () => {
  for (let time = 0; time < 5; time += 1) expect((await tell(["openclaw.json"])).status).toBe(204);
  expect((await auditOf(edge, boxId)).filter((action) => action === "box.change_undone")).toHaveLength(1);
});
