/** A cluster's agent key is rotated: the old one is taken away while an agent uses it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type LocalSecrets, localSecrets, publicHalf } from "#cluster/local/secrets.ts";
import { FleetClient } from "#tests/harness/fleet.ts";
import { until } from "#tests/harness/until.ts";
import { type EdgeTest, startEdgeTest } from "./edge-test.ts";

const PATH = "/internal/clusters/rotated/revoke-agent-key";
const newKey = async (kid: string): Promise<LocalSecrets["agentKey"]> => ({ ...(await localSecrets()).agentKey, kid });

let edge: EdgeTest;
let before: FleetClient;
let after: FleetClient;
beforeAll(async () => {
  edge = await startEdgeTest();
  const keys = await Promise.all(["before", "after"].map(newKey));
  await edge.query("insert into clusters (id, agent_keys, accepts_new_boxes) values ('rotated', $1::jsonb, false)", [
    JSON.stringify(keys.map(publicHalf)),
  ]);
  const [one, other] = keys.map((key) => new FleetClient(edge.stack.url, key, "rotated"));
  if (!one || !other) throw new Error("two keys");
  [before, after] = [one, other];
});
afterAll(() => edge.close());

async function connect(agent: FleetClient) {
  const headers = { authorization: `Bearer ${await agent.assertion()}` };
  const socket = new WebSocket(`${edge.stack.url.replace("http", "ws")}/fleet/mailbox`, { headers });
  const closed = new Promise<{ code: number; at: number }>((resolve) =>
    socket.on("close", (code) => resolve({ code, at: performance.now() })),
  );
  await new Promise((resolve, reject) => socket.on("open", resolve).on("error", reject));
  const pong = new Promise((resolve) => socket.on("message", (data) => String(data) === "pong" && resolve(true)));
  socket.send(JSON.stringify({ type: "hello", capacity: 1, running: [] }));
  return { socket, closed, pong };
}

const statusOf = async (agent: FleetClient) =>
  (await agent.send("POST", "/fleet/poll", { capacity: 0, running: [], wait: 0 })).status;

test("its socket closes within a second and its requests are refused; the new key goes on", async () => {
  const [old, fresh] = [await connect(before), await connect(after)];
  const asked = performance.now();
  const response = await edge.operator.send("POST", PATH, { kid: "before" });
  expect([response.status, await response.json()]).toEqual([200, { cluster_id: "rotated", kids: ["after"] }]);
  const { code, at } = await old.closed;
  expect(code).toBe(1008);
  expect(at - asked).toBeLessThan(1_000);
  await until("a refusal", async () => (await statusOf(before)) === 401, 5_000);
  expect(await statusOf(after)).toBe(200);
  fresh.socket.send("ping");
  expect(await fresh.pong).toBe(true);
  fresh.socket.close();
});

test("again is the same again, and only the first time is on record", async () => {
  const again = await edge.operator.send("POST", PATH, { kid: "before" });
  expect([again.status, await again.json()]).toEqual([200, { cluster_id: "rotated", kids: ["after"] }]);
  const audit = await edge.query("select detail from audit_log where action = 'agent-key.revoke'");
  expect(audit).toEqual([{ detail: { kid: "before" } }]);
});

test("a key that the cluster never had is a 404 that names those it has, and is not on record", async () => {
  const unknown = await edge.operator.problem("POST", PATH, { kid: "mistyped" });
  expect(unknown).toMatchObject({ status: 404, code: "not_found" });
  expect(unknown.detail).toContain("Its keys: after.");
  expect(await edge.query("select from audit_log where detail->>'kid' = 'mistyped'")).toEqual([]);
});

test("a cluster that is not there is a 404, a wrong field is named", async () => {
  const nowhere = await edge.operator.problem("POST", "/internal/clusters/nowhere/revoke-agent-key", { kid: "x" });
  expect(nowhere.status).toBe(404);
  const wrong = await edge.operator.problem("POST", PATH, { key: "before" });
  expect(wrong.errors?.map(({ pointer }) => pointer).sort()).toEqual(["/key", "/kid"]);
});
