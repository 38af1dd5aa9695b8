import * as z from "zod";
import { retry, retryAfterMs } from "#cluster/system/retry.ts";
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
import { LeaseLost } from "../../lease.ts";
import type { Signer } from "./assertion.ts";
import { EdgeError } from "./edge-error.ts";

/** The edge's `/fleet/*` routes. All throw `EdgeError`; those of a job throw `LeaseLost` on 409. */
export interface EdgeClient {
  /** What the job's box should be now. */
  box(job: Held, signal?: AbortSignal): Promise<DesiredBox>;
  /** How the order about the box's memory stands that came with the job. */
  transfer(job: Held, signal?: AbortSignal): Promise<TransferState>;
  heartbeat(job: Held, signal?: AbortSignal): Promise<void>;
  progress(job: Held, step: string, message: string, signal?: AbortSignal): Promise<void>;
  complete(job: Held, outcome: Outcome, signal?: AbortSignal): Promise<void>;
  health(report: HealthReport, signal?: AbortSignal): Promise<HealthAnswer>;
  /** What should be in the cluster; goes on at `cursor`. */
  boxes(cursor: string | null, signal?: AbortSignal): Promise<ListedBoxes>;
  drift(report: DriftReport, signal?: AbortSignal): Promise<DriftAnswer>;
  compared(report: ComparisonReport, signal?: AbortSignal): Promise<ComparisonAnswer>;
  poll(request: PollRequest, signal?: AbortSignal): Promise<PollAnswer>;
}

type WithoutFence<T> = T extends unknown ? Omit<T, "fence"> : never;
/** How a job ended. */
export type Outcome = WithoutFence<CompleteRequest>;

interface Call {
  what: string;
  path: string;
  body?: unknown;
  attempts?: number;
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}

/** An edge of the version before answers with nothing. */
const EARLIER_HEALTH = HealthAnswer.default({ compare_asked_at: null });

export function createEdgeClient(options: { edgeUrl: string; sign: Signer }): EdgeClient {
  const call = async <S extends z.ZodType>(request: Call, answer: S): Promise<z.infer<S>> =>
    answer.parse(await send(options, request));
  const none = z.unknown();

  return {
    box: ({ job_id, fence }, signal) =>
      call({ what: "fetch the box", path: `/fleet/jobs/${job_id}/box?fence=${fence}`, signal }, DesiredBox),
    transfer: ({ job_id, fence }, signal) => {
      const path = `/fleet/jobs/${job_id}/transfer?fence=${fence}`;
      return call({ what: "ask after the transfer", path, signal }, TransferState);
    },
    heartbeat: async ({ job_id, fence }, signal) => {
      const path = `/fleet/jobs/${job_id}/heartbeat`;
      await call({ what: "heartbeat", path, body: { fence }, attempts: 2, timeoutMs: 5_000, signal }, HeartbeatAnswer);
    },
    progress: async ({ job_id, fence }, step, message, signal) => {
      const body = { fence, step: step.slice(0, 64), message: message.slice(0, 500) };
      await call({ what: "report a step", path: `/fleet/jobs/${job_id}/progress`, body, attempts: 2, signal }, none);
    },
    complete: async ({ job_id, fence }, outcome, signal) => {
      const body = { ...outcome, fence };
      // As long as the lease holds: work that is done must not be done again because the edge was away for a moment.
      await call({ what: "complete", path: `/fleet/jobs/${job_id}/complete`, body, attempts: 20, signal }, none);
    },
    health: (report, signal) =>
      call({ what: "report health", path: "/fleet/health", body: report, attempts: 1, signal }, EARLIER_HEALTH),
    boxes: (cursor, signal) => {
      const path = `/fleet/boxes${cursor ? `?cursor=${cursor}` : ""}`;
      return call({ what: "list the boxes", path, timeoutMs: 30_000, signal }, ListedBoxes);
    },
    drift: (report, signal) =>
      call({ what: "report drift", path: "/fleet/drift", body: report, attempts: 1, signal }, DriftAnswer),
    compared: (report, signal) => {
      const timeoutMs = 30_000;
      const request = { what: "report the comparison", path: "/fleet/comparison", body: report, timeoutMs, signal };
      return call({ ...request, attempts: 1 }, ComparisonAnswer);
    },
    poll: (request, signal) => {
      const timeoutMs = request.wait * 1_000 + 10_000;
      return call({ what: "poll", path: "/fleet/poll", body: request, attempts: 1, timeoutMs, signal }, PollAnswer);
    },
  };
}

async function send(edge: { edgeUrl: string; sign: Signer }, call: Call): Promise<unknown> {
  let refused = false;
  const policy = { attempts: call.attempts ?? 4, floorMs: 200, capMs: 5_000, signal: call.signal, retryable };
  return retry(policy, async () => {
    const response = await fetchOnce(edge, call);
    if (response.ok) return response.status === 204 ? undefined : response.json();
    const error = await EdgeError.from(call.what, response);
    if (error.code === "lease_lost") throw new LeaseLost(error.message);
    // A wrong clock on this machine makes a good key look bad: once, try again by the edge's time.
    if (error.status === 401 && !refused && edge.sign.learnTime(response.headers.get("date"))) {
      refused = true;
      return send(edge, { ...call, attempts: 1 });
    }
    throw error;
  });
}

async function fetchOnce({ edgeUrl, sign }: { edgeUrl: string; sign: Signer }, call: Call): Promise<Response> {
  const timeout = AbortSignal.timeout(call.timeoutMs ?? 10_000);
  return fetch(edgeUrl + call.path, {
    method: call.body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${await sign()}`, "content-type": "application/json" },
    body: call.body === undefined ? null : JSON.stringify(call.body),
    // An assertion must never follow a redirect to somewhere else.
    redirect: "error",
    signal: call.signal ? AbortSignal.any([call.signal, timeout]) : timeout,
  });
}

function retryable(error: unknown): boolean | number {
  if (error instanceof LeaseLost || error instanceof z.ZodError) return false;
  if (error instanceof EdgeError) return error.mayPass && (retryAfterMs(error.retryAfter) ?? true);
  // No answer: connection refused, reset, or the timeout.
  return true;
}
