/** Operators: jobs. */
import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { Job, JobList } from "#schema/contracts/internal.ts";
import { JOB_STATUSES, JOB_TYPES } from "#schema/domain/states.ts";
import { idempotent } from "../../http/idempotent.ts";
import { requireScope } from "../../http/internal-auth.ts";
import { cancelJob } from "../../services/jobs/cancel.ts";
import { getJob } from "../../services/jobs/get.ts";
import { listJobs } from "../../services/jobs/list.ts";
import { retryJob } from "../../services/jobs/retry.ts";
import { common, IdempotencyKey, JobId, jsonAnswer } from "./operation.ts";
import { createRouter } from "./router.ts";

const { security, problems } = common;
const tags = ["Jobs"];

const list = createRoute({
  method: "get",
  path: "/internal/jobs",
  summary: "List jobs, newest first",
  tags,
  security,
  middleware: [requireScope("jobs:read")],
  request: {
    query: z.object({
      box_id: z.uuid().optional(),
      status: z.enum(JOB_STATUSES).optional(),
      type: z.enum(JOB_TYPES).optional(),
      cursor: z.string().max(200).optional(),
    }),
  },
  responses: { 200: jsonAnswer("A page of jobs", JobList), ...problems },
});

const get = createRoute({
  method: "get",
  path: "/internal/jobs/{job_id}",
  summary: "One job with its steps",
  tags,
  security,
  middleware: [requireScope("jobs:read")],
  request: { params: JobId },
  responses: { 200: jsonAnswer("The job", Job), ...problems },
});

const change = <P extends string>(verb: P, summary: string) =>
  createRoute({
    method: "post",
    path: `/internal/jobs/{job_id}/${verb}`,
    summary,
    tags,
    security,
    middleware: [requireScope("jobs:write"), idempotent()],
    request: { headers: IdempotencyKey, params: JobId },
    responses: { 200: jsonAnswer("The job as it is now", Job), ...problems },
  });

export const jobRoutes = createRouter();

jobRoutes.openapi(list, async (c) => {
  const { box_id: boxId, ...filter } = c.req.valid("query");
  return c.json(await listJobs({ ctx: c.var.ctx, input: { ...filter, boxId } }), 200);
});
jobRoutes.openapi(get, async (c) => {
  const { job_id: jobId } = c.req.valid("param");
  return c.json(await getJob({ ctx: c.var.ctx, input: { jobId } }), 200);
});
jobRoutes.openapi(change("retry", "Queue a dead job again"), async (c) => {
  const { job_id: jobId } = c.req.valid("param");
  return c.json(await retryJob({ ctx: c.var.ctx, input: { jobId } }), 200);
});
jobRoutes.openapi(change("cancel", "End a queued or running job"), async (c) => {
  const { job_id: jobId } = c.req.valid("param");
  return c.json(await cancelJob({ ctx: c.var.ctx, input: { jobId } }), 200);
});
