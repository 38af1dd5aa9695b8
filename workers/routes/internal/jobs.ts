/** Operators: jobs. */
import * as z from "zod";
import { Job, JobList } from "#schema/contracts/internal.ts";
import { numberCursor } from "#schema/contracts/parts.ts";
import { JOB_STATUSES, JOB_TYPES } from "#schema/domain/states.ts";
import { cancelJob } from "../../services/jobs/cancel.ts";
import { getJob } from "../../services/jobs/get.ts";
import { listJobs } from "../../services/jobs/list.ts";
import { retryJob } from "../../services/jobs/retry.ts";
import { json } from "../answer.ts";
import { operation } from "../operation.ts";

const reading = { audience: "operator", tag: "Jobs", scope: "jobs:read", method: "get" } as const;
const writing = {
  ...reading,
  scope: "jobs:write",
  method: "post",
  idempotent: true,
  output: json("The job", Job),
} as const;

export const jobOperations = [
  operation({
    ...reading,
    path: "/internal/jobs",
    summary: "List jobs, newest first",
    query: z.strictObject({
      box_id: z.uuid().optional(),
      status: z.enum(JOB_STATUSES).optional(),
      type: z.enum(JOB_TYPES).optional(),
      cursor: numberCursor.optional(),
    }),
    output: json("A page of jobs", JobList),
    verb: listJobs,
  }),
  operation({
    ...reading,
    path: "/internal/jobs/{job_id}",
    summary: "Show one job with its steps",
    output: json("The job", Job),
    verb: getJob,
  }),
  operation({ ...writing, path: "/internal/jobs/{job_id}/retry", summary: "Queue a dead job again", verb: retryJob }),
  operation({
    ...writing,
    path: "/internal/jobs/{job_id}/cancel",
    summary: "Cancel a queued or running job",
    verb: cancelJob,
  }),
];
