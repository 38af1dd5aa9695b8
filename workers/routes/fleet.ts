/** What fleet-agents ask (schema/contracts/fleet.ts). An agent sees its own cluster's jobs; others are not there. */
import { type Context, Hono } from "hono";
import * as z from "zod";
import { ComparisonReport, DriftReport } from "#schema/contracts/comparison.ts";
import {
  CompleteRequest,
  HealthReport,
  HeartbeatRequest,
  PollRequest,
  ProgressRequest,
} from "#schema/contracts/fleet.ts";
import { AppError } from "#schema/domain/errors.ts";
import { KID_HEADER } from "../contracts/mailbox.ts";
import { agentAuth } from "../http/agent-auth.ts";
import type { AppEnv } from "../http/app-env.ts";
import { bodyLimit, jsonOnly } from "../http/guards.ts";
import { transferState } from "../services/backups/transfer-state.ts";
import { desiredBox } from "../services/fleet/desired-box.ts";
import { listFleetBoxes } from "../services/fleet/list-fleet-boxes.ts";
import { recordComparison } from "../services/fleet/record-comparison.ts";
import { repairDrift } from "../services/fleet/repair-drift.ts";
import { reportHealth } from "../services/fleet/report-health.ts";
import { completeJob } from "../services/jobs/complete.ts";
import { heartbeatJob } from "../services/jobs/heartbeat.ts";
import { reportProgress } from "../services/jobs/progress.ts";
import { transferRoutes } from "./transfers.ts";

const MAX_BODY = 1024 * 1024;

export const fleetRoutes = new Hono<AppEnv>();
// Before the agents' own: pods have another kind of token.
fleetRoutes.route("/", transferRoutes);
fleetRoutes.use("/fleet/*", agentAuth(), bodyLimit(MAX_BODY), jsonOnly());

fleetRoutes.get("/fleet/mailbox", (c) => {
  if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
    throw new AppError("invalid_request", "GET /fleet/mailbox is a WebSocket; POST /fleet/poll does without");
  }
  const { clusterId, kid } = agentOf(c);
  return c.var.ctx
    .mailbox(clusterId)
    .fetch("https://mailbox/", { headers: { upgrade: "websocket", [KID_HEADER]: kid } });
});

fleetRoutes.post("/fleet/poll", async (c) => {
  const request = PollRequest.parse(await json(c));
  const { clusterId, kid } = agentOf(c);
  return c.json({ messages: await c.var.ctx.mailbox(clusterId).poll(request, kid) });
});

fleetRoutes.get("/fleet/jobs/:job_id/box", async (c) => {
  const box = await desiredBox({ ctx: c.var.ctx, input: { ...jobOf(c), fence: fenceOf(c) } });
  c.header("cache-control", "no-store");
  return c.json(box);
});

fleetRoutes.get("/fleet/jobs/:job_id/transfer", async (c) => {
  const input = { ...jobOf(c), fence: fenceOf(c) };
  return c.json(await transferState({ ctx: c.var.ctx, input }));
});

fleetRoutes.post("/fleet/jobs/:job_id/heartbeat", async (c) => {
  const { fence } = HeartbeatRequest.parse(await json(c));
  return c.json({ lease_until: await heartbeatJob({ ctx: c.var.ctx, input: { ...jobOf(c), fence } }) });
});

fleetRoutes.post("/fleet/jobs/:job_id/progress", async (c) => {
  await reportProgress({ ctx: c.var.ctx, input: { ...ProgressRequest.parse(await json(c)), ...jobOf(c) } });
  return c.body(null, 204);
});

fleetRoutes.post("/fleet/jobs/:job_id/complete", async (c) => {
  await completeJob({ ctx: c.var.ctx, input: { ...CompleteRequest.parse(await json(c)), ...jobOf(c) } });
  return c.body(null, 204);
});

fleetRoutes.post("/fleet/health", async (c) => {
  const { clusterId } = agentOf(c);
  return c.json(await reportHealth({ ctx: c.var.ctx, input: { ...HealthReport.parse(await json(c)), clusterId } }));
});

fleetRoutes.get("/fleet/boxes", async (c) => {
  const cursor = z.uuid().optional().safeParse(c.req.query("cursor"));
  if (!cursor.success) throw new AppError("invalid_request", "The cursor is not one that a list gave");
  const { clusterId } = agentOf(c);
  return c.json(await listFleetBoxes({ ctx: c.var.ctx, input: { clusterId, cursor: cursor.data } }));
});

fleetRoutes.post("/fleet/drift", async (c) => {
  const { clusterId } = agentOf(c);
  return c.json(await repairDrift({ ctx: c.var.ctx, input: { ...DriftReport.parse(await json(c)), clusterId } }));
});

fleetRoutes.post("/fleet/comparison", async (c) => {
  const { clusterId } = agentOf(c);
  const report = ComparisonReport.parse(await json(c));
  return c.json(await recordComparison({ ctx: c.var.ctx, input: { ...report, clusterId } }));
});

function agentOf(c: Context<AppEnv>): { clusterId: string; kid: string } {
  const { actor } = c.var.ctx;
  if (actor.kind !== "agent") throw new AppError("unauthorized", "Only a fleet-agent may ask this");
  return actor;
}

/** An id that is none names a job that is not there. */
function jobOf(c: Context<AppEnv>): { jobId: string; clusterId: string } {
  const id = z.uuid().safeParse(c.req.param("job_id"));
  if (!id.success) throw new AppError("not_found", "There is no such job");
  return { jobId: id.data, clusterId: agentOf(c).clusterId };
}

const fenceOf = (c: Context<AppEnv>): number =>
  z.coerce
    .number()
    .int()
    .parse(c.req.query("fence"), { error: () => "must be a whole number" });

async function json(c: Context<AppEnv>): Promise<unknown> {
  try {
    return await c.req.json();
  } catch {
    throw new AppError("invalid_request", "The body is not valid JSON");
  }
}
