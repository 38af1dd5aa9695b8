/** Who is an agent, and what an agent of another cluster gets. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type LocalSecrets, localSecrets, publicHalf } from "#cluster/local/secrets.ts";
import type { MailboxMessage } from "#schema/contracts/fleet.ts";
import { FleetClient } from "#tests/harness/fleet.ts";
import { Operator } from "#tests/harness/operator.ts";
import { until } from "#tests/harness/until.ts";
import { type EdgeTest, startEdgeTest } from "./edge-test.ts";

let edge: EdgeTest;
let otherKey: LocalSecrets["agentKey"];
beforeAll(async () => {
  edge = await startEdgeTest();
  otherKey = (await localSecrets()).agentKey;
  // Before the first request: the edge caches the clusters' keys for a moment.
  await edge.query("insert into clusters (id, agent_keys, accepts_new_boxes) values ('other', $1::jsonb, false)", [
    JSON.stringify([publicHalf(otherKey)]),
  ]);
});
afterAll(() => edge.close());

describe("who is no agent", () => {
  test.each<[string, (agent: FleetClient) => Promise<string>]>([
    ["another key", async () => new FleetClient(edge.stack.url, (await localSecrets()).agentKey).assertion()],
    [
      "another cluster's name",
      () => new FleetClient(edge.stack.url, edge.stack.secrets.agentKey, "elsewhere").assertion(),
    ],
    ["another audience", (agent) => agent.assertion({ audience: "https://evil.example" })],
    ["an assertion that lives too long", (agent) => agent.assertion({ expires: "1h" })],
    ["an old assertion", (agent) => agent.assertion({ expires: "-1m" })],
  ])("is refused: %s", async (_, forge) => {
    const { agent } = edge;
    const response = await agent.send("POST", "/fleet/poll", { capacity: 1, running: [], wait: 0 }, await forge(agent));
    expect(response.status).toBe(401);
  });

  test("an assertion works once", async () => {
    const { agent } = edge;
    const once = await agent.assertion();
    const poll = () => agent.send("POST", "/fleet/poll", { capacity: 0, running: [], wait: 0 }, once);
    expect((await poll()).status).toBe(200);
    expect((await poll()).status).toBe(401);
  });

  test("an operator's key opens no fleet route, nor the other way round", async () => {
    const { agent } = edge;
    const asOperator = await agent.send(
      "POST",
      "/fleet/poll",
      { capacity: 0, running: [], wait: 0 },
      edge.stack.secrets.operatorKey,
    );
    expect(asOperator.status).toBe(401);
    expect((await new Operator(edge.stack.url, await agent.assertion()).send("GET", "/internal/boxes")).status).toBe(
      401,
    );
  });
});

describe("another cluster's agent", () => {
  test("finds none of this cluster's jobs, whatever it asks", async () => {
    const other = new FleetClient(edge.stack.url, otherKey, "other");
    const { job } = await edge.provision();
    const grant = await edge.grantOf(job.id);
    const { fence } = grant;
    const answers = [
      await other.send("GET", `/fleet/jobs/${job.id}/box?fence=${fence}`),
      await other.send("POST", `/fleet/jobs/${job.id}/heartbeat`, { fence }),
      await other.send("POST", `/fleet/jobs/${job.id}/progress`, { fence, step: "x", message: "x" }),
      await other.complete(job.id, { outcome: "succeeded", fence, observed_generation: 1 }),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([404, 404, 404, 404]);
    await other.send("POST", "/fleet/health", {
      boxes: [{ box_id: grant.box_id, health: "unhealthy", reason: "not mine" }],
    });
    expect(await edge.operator.box(grant.box_id)).toMatchObject({ status: "provisioning", health: "unknown" });
    expect(await other.poll()).toEqual([]);
  });
});

describe("the mailbox's socket", () => {
  test("brings grants within moments, answers pings, and refuses who is no agent", async () => {
    const url = `${edge.stack.url.replace("http", "ws")}/fleet/mailbox`;
    const refused = new WebSocket(url);
    const status = await new Promise((resolve) =>
      refused.on("unexpected-response", (_, { statusCode }) => resolve(statusCode)),
    );
    refused.on("error", () => undefined).terminate();
    expect(status).toBe(401);

    const socket = new WebSocket(url, { headers: { authorization: `Bearer ${await edge.agent.assertion()}` } });
    const told: string[] = [];
    socket.on("message", (data) => told.push(String(data)));
    await new Promise((resolve) => socket.on("open", resolve));
    socket.send(JSON.stringify({ type: "hello", capacity: 1_000, running: [] }));
    socket.send("ping");
    await until("the pong", () => told.includes("pong"));
    const { job } = await edge.provision();
    await until("the grant", () =>
      told
        .filter((text) => text !== "pong")
        .map((text): MailboxMessage => JSON.parse(text))
        .some((message) => message.type === "grant" && message.grant.job_id === job.id),
    );
    await edge.operator.send("POST", `/internal/jobs/${job.id}/cancel`);
    await until("the abort", () => told.includes(JSON.stringify({ type: "abort", job_id: job.id })));
    socket.close();
  });
});
