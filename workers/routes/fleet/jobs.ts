/** Fleet-agents: the jobs that they hold. An agent sees only its own cluster's jobs. */
import * as z from "zod";
import {
  CompleteRequest,
  DesiredBox,
  HeartbeatAnswer,
  HeartbeatRequest,
  ProgressRequest,
} from "#schema/contracts/fleet.ts";
import { wholeNumber } from "#schema/contracts/parts.ts";
import { TransferState } from "#schema/contracts/state-transfer.ts";
import { transferState } from "../../services/backups/transfer-state.ts";
import { desiredBox } from "../../services/fleet/desired-box.ts";
import { completeJob } from "../../services/jobs/complete.ts";
import { heartbeatJob } from "../../services/jobs/heartbeat.ts";
import { reportProgress } from "../../services/jobs/progress.ts";
import { json, noContent } from "../answer.ts";
import { operation } from "../operation.ts";

const looking = {
  audience: "agent",
  method: "get",
  query: z.strictObject({ fence: wholeNumber(0, Number.MAX_SAFE_INTEGER) }),
} as const;
const telling = { audience: "agent", method: "post" } as const;

export const jobOperations = [
  operation({
    ...looking,
    path: "/fleet/jobs/{job_id}/box",
    summary: "Fetch the desired state of the job's box",
    secret: true,
    output: json("The box, with its secrets", DesiredBox),
    verb: desiredBox,
  }),
  operation({
    ...looking,
    path: "/fleet/jobs/{job_id}/transfer",
    summary: "The state of the backup or restore order",
    output: json("As last reported by its pod", TransferState),
    verb: transferState,
  }),
  operation({
    ...telling,
    path: "/fleet/jobs/{job_id}/heartbeat",
    summary: "Renew a job's lease",
    body: HeartbeatRequest,
    output: json("The new lease", HeartbeatAnswer),
    verb: async (call) => ({ lease_until: await heartbeatJob(call) }),
  }),
  operation({
    ...telling,
    path: "/fleet/jobs/{job_id}/progress",
    summary: "Report a job's step",
    body: ProgressRequest,
    output: noContent("Noted"),
    verb: reportProgress,
  }),
  operation({
    ...telling,
    path: "/fleet/jobs/{job_id}/complete",
    summary: "Report how a job ended",
    body: CompleteRequest,
    output: noContent("Recorded"),
    verb: completeJob,
  }),
];
