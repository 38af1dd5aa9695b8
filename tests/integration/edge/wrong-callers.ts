/** Ten and more kinds of callers who should get nowhere, and how each is refused. */
import { createHash, randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import { localSecrets, publicHalf } from "#cluster/local/secrets.ts";
import { CreatedToken } from "#schema/contracts/tokens.ts";
import { FleetClient } from "#tests/harness/fleet.ts";
import type { EdgeTest } from "./edge-test.ts";

export type Audience = "operator" | "agent" | "box" | "supervisor" | "public" | "model" | "hook";

export const OPERATOR = "oc_ops_all";
export const WITHOUT_SCOPES = "oc_ops_none";

/** The credentials of a caller, by audience; new for each call, since an assertion is valid once. */
type Shown = () => Promise<string> | string;

export interface World {
  /** Names in paths, as they are here. */
  ids: Record<string, string>;
  good: Record<Audience, Shown>;
  forged: Partial<Record<Audience, Shown>>;
  expired: Partial<Record<Audience, Shown>>;
  /** Where the box's expired token was once good. */
  endedOrderId: string;
  /** Of another cluster, another box. */
  others: Partial<Record<Audience, Shown>>;
}

/** A box with a running job, another whose job has ended, another cluster, a revoked token. */
export async function furnishWorld(edge: EdgeTest): Promise<World> {
  const { agent, operator, stack } = edge;
  const [box, other] = [await edge.liveBox(), await edge.liveBox()];
  const otherKey = (await localSecrets()).agentKey;
  await edge.query("insert into clusters (id, agent_keys, accepts_new_boxes) values ('other', $1::jsonb, false)", [
    JSON.stringify([publicHalf(otherKey)]),
  ]);
  const { backup, job, order, boxToken } = await startBackup(edge, box);
  const ended = await startBackup(edge, other);
  await operator.send("POST", `/internal/jobs/${ended.job.id}/cancel`);
  const { customer_id } = await operator.box(box);
  const made = await operator.send("POST", "/internal/tokens", { customer_id, label: "revoked" });
  const { token, value } = CreatedToken.parse(await made.json());
  await operator.send("POST", `/internal/tokens/${token.id}/revoke`);
  const ids = { box_id: box, job_id: job.id, backup_id: backup.id, token_id: token.id, cluster_id: "local" };
  return {
    ids: { ...ids, rollout_id: randomUUID(), order_id: order.order_id, index: "0", id: "kimi-coding" },
    good: {
      operator: () => OPERATOR,
      agent: () => agent.assertion(),
      box: () => order.token,
      supervisor: () => boxToken,
      public: () => "",
      model: () => value ?? "",
      hook: () => signature(stack.secrets.qstashCurrentKey, stack.url, "5m"),
    },
    forged: {
      operator: () => `${OPERATOR}x`,
      agent: () => new FleetClient(stack.url, otherKey).assertion(),
      box: () => order.token.replace(/.{4}$/, "AAAA"),
      supervisor: () => `${boxToken.slice(0, -1)}${boxToken.endsWith("a") ? "b" : "a"}`,
      model: () => `ocp_${"a".repeat(80)}`,
      hook: () => signature("sig_of_somebody_else_of_good_length", stack.url, "5m"),
    },
    expired: {
      agent: () => agent.assertion({ expires: "-1m" }),
      box: () => ended.order.token,
      supervisor: () => value ?? "",
      model: () => value ?? "",
      hook: () => signature(stack.secrets.qstashCurrentKey, stack.url, "-1m"),
    },
    endedOrderId: ended.order.order_id,
    others: {
      agent: () => new FleetClient(stack.url, otherKey, "other").assertion(),
      box: () => ended.order.token,
    },
  };
}

async function startBackup(edge: EdgeTest, box: string) {
  const started = await edge.operator.backUp(box);
  const { order, config } = await edge.agent.desired(await edge.grantOf(started.job.id));
  if (!order || !config) throw new Error("the job has no order");
  return { ...started, order, boxToken: config.proxy.token };
}

const signature = (key: string, url: string, expires: string): Promise<string> =>
  new SignJWT({ body: createHash("sha256").update("{}").digest("base64url") })
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer("Upstash")
    .setSubject(`${url}/hooks/qstash/jobs`)
    .setIssuedAt()
    .setNotBefore("0s")
    .setExpirationTime(expires)
    .setJti(randomUUID())
    .sign(new TextEncoder().encode(key));

export const internalKeys = (scopes: readonly string[]): string =>
  JSON.stringify(
    [
      { name: "all", key: OPERATOR, scopes },
      { name: "none", key: WITHOUT_SCOPES, scopes: [] },
    ].map(({ key, ...one }) => ({ ...one, sha256: createHash("sha256").update(key).digest("hex") })),
  );
