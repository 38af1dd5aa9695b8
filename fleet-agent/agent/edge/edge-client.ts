import type * as z from "zod";
import { callEdge, type Edge, type EdgeCall, EdgeError } from "#cluster/system/call-edge.ts";
import {
  ComparisonAnswer,
  type ComparisonReport,
  DriftAnswer,
  type DriftReport,
  ListedBoxes,
} from "#schema/contracts/comparison.ts";
import {
  type CompleteRequest,
  DesiredBox,
  HealthAnswer,
  type HealthReport,
  HeartbeatAnswer,
  type Held,
  PollAnswer,
  type PollRequest,
} from "#schema/contracts/fleet.ts";
import { TransferState } from "#schema/contracts/state-transfer.ts";
import { JobStopped, LeaseLost } from "../../lease.ts";
import type { Signer } from "./assertion.ts";

/** The edge's `/fleet/*` routes. All throw `EdgeError`; those of a job throw `LeaseLost` or `JobStopped` on 409. */
export interface EdgeClient {
  /** Fetch the desired state of the job's box. */
  box(job: Held, signal?: AbortSignal): Promise<DesiredBox>;
  /** The state of the backup or restore order that came with the job. */
  transfer(job: Held, signal?: AbortSignal): Promise<TransferState>;
  heartbeat(job: Held, signal?: AbortSignal): Promise<void>;
  progress(job: Held, step: string, message: string, signal?: AbortSignal): Promise<void>;
  complete(job: Held, outcome: Outcome, signal?: AbortSignal): Promise<void>;
  health(report: HealthReport, signal?: AbortSignal): Promise<HealthAnswer>;
  /** The boxes that should be in the cluster, from `cursor` on. */
  boxes(cursor: string | null, signal?: AbortSignal): Promise<ListedBoxes>;
  drift(report: DriftReport, signal?: AbortSignal): Promise<DriftAnswer>;
  compared(report: ComparisonReport, signal?: AbortSignal): Promise<ComparisonAnswer>;
  poll(request: PollRequest, signal?: AbortSignal): Promise<PollAnswer>;
}

type WithoutFence<T> = T extends unknown ? Omit<T, "fence"> : never;
/** How a job ended. */
export type Outcome = WithoutFence<CompleteRequest>;

/** An older edge answers without a body. */
const EARLIER_HEALTH = HealthAnswer.default({ compare_asked_at: null });

export function createEdgeClient({ edgeUrl, sign }: { edgeUrl: string; sign: Signer }): EdgeClient {
  const retries = { attempts: 4, floorMs: 200, capMs: 5_000 };
  const edge: Edge = { url: edgeUrl, authorize: sign, timeoutMs: 10_000, retries };
  const tell = (call: EdgeCall): Promise<Buffer> => send(edge, sign, call);
  const ask = async <S extends z.ZodType>(call: EdgeCall, answer: S): Promise<z.infer<S>> => {
    const body = await tell(call);
    return answer.parse(body.length > 0 ? JSON.parse(body.toString()) : undefined);
  };

  return {
    box: ({ job_id, fence }, signal) => ask({ path: `/fleet/jobs/${job_id}/box?fence=${fence}`, signal }, DesiredBox),
    transfer: ({ job_id, fence }, signal) =>
      ask({ path: `/fleet/jobs/${job_id}/transfer?fence=${fence}`, signal }, TransferState),
    heartbeat: async ({ job_id, fence }, signal) => {
      const path = `/fleet/jobs/${job_id}/heartbeat`;
      await ask({ path, json: { fence }, attempts: 2, timeoutMs: 5_000, signal }, HeartbeatAnswer);
    },
    progress: async ({ job_id, fence }, step, message, signal) => {
      const json = { fence, step: step.slice(0, 64), message: message.slice(0, 500) };
      await tell({ path: `/fleet/jobs/${job_id}/progress`, json, attempts: 2, signal });
    },
    complete: async ({ job_id, fence }, outcome, signal) => {
      // Retry as long as the lease holds: finished work must not be repeated because of a short edge outage.
      await tell({ path: `/fleet/jobs/${job_id}/complete`, json: { ...outcome, fence }, attempts: 20, signal });
    },
    health: (json, signal) => ask({ path: "/fleet/health", json, attempts: 1, signal }, EARLIER_HEALTH),
    boxes: (cursor, signal) =>
      ask({ path: `/fleet/boxes${cursor ? `?cursor=${cursor}` : ""}`, timeoutMs: 30_000, signal }, ListedBoxes),
    drift: (json, signal) => ask({ path: "/fleet/drift", json, attempts: 1, signal }, DriftAnswer),
    compared: (json, signal) =>
      ask({ path: "/fleet/comparison", json, attempts: 1, timeoutMs: 30_000, signal }, ComparisonAnswer),
    poll: (json, signal) =>
      ask({ path: "/fleet/poll", json, attempts: 1, timeoutMs: json.wait * 1_000 + 10_000, signal }, PollAnswer),
  };
}

/** @param trusted whether a refusal is final: the first one may be due to a wrong clock on this machine. */
async function send(edge: Edge, sign: Signer, call: EdgeCall, trusted = false): Promise<Buffer> {
  try {
    return await callEdge(edge, call);
  } catch (error) {
    if (!(error instanceof EdgeError)) throw error;
    if (error.code === "lease_lost") throw new LeaseLost(error.message);
    if (error.code === "superseded") throw new JobStopped(error.message);
    if (trusted || error.status !== 401 || !sign.learnTime(error.headers.get("date"))) throw error;
    return send(edge, sign, call, true);
  }
}
