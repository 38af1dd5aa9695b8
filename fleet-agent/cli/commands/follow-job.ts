import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { Unreachable } from "#cluster/system/call-edge.ts";
import { sleep } from "#cluster/system/retry.ts";
import { Job } from "#schema/contracts/internal.ts";
import type { OperatorClient } from "../operator/operator-client.ts";
import { CommandError, EXIT } from "./exit-codes.ts";
import { printable } from "./table.ts";
import type { Terminal } from "./terminal.ts";

export interface WaitOptions {
  wait?: boolean;
  /** Seconds. */
  timeout: number;
}

export const addWaitOptions = (command: Command): Command =>
  command
    .option("-w, --wait", "follow the job to its end; Ctrl-C leaves it running")
    .option("--timeout <seconds>", "how long to wait", seconds, 900);

function seconds(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError("must be a number of seconds");
  return Number(text);
}

const LOOK_EVERY_MS = 1_000;
/** How long the edge may be away while a job is followed: a deployment takes seconds. */
const PATIENCE_MS = 60_000;

/**
 * Tells each step of a job as it happens, and returns the job once it has succeeded. Throws `CommandError`: `failed` with
 * the job's own words where it ended otherwise, or not in time.
 */
export async function followJob(
  terminal: Terminal,
  operator: OperatorClient,
  job: Pick<Job, "id" | "type">,
  { timeout }: Pick<WaitOptions, "timeout">,
): Promise<Job> {
  const until = performance.now() + timeout * 1_000;
  const tell = tellSteps(terminal);
  terminal.tell(`Following the ${job.type} job ${job.id}. Ctrl-C stops looking, not the job.`);
  try {
    for (;;) {
      const now = await look(operator, job.id);
      tell(now);
      if (now.finished_at) return succeeded(now);
      if (performance.now() > until) throw new CommandError(EXIT.failed, late(job.id, timeout));
      await sleep(LOOK_EVERY_MS, terminal.interrupt);
    }
  } catch (error) {
    if (!terminal.interrupt.aborted) throw error;
    throw new CommandError(
      EXIT.interrupted,
      `The job goes on. To follow it again: fleet-agent jobs get ${job.id} --wait`,
    );
  }
}

/** One look, with patience for an edge that is being deployed. */
async function look(operator: OperatorClient, jobId: string): Promise<Job> {
  const since = performance.now();
  for (;;) {
    try {
      return await operator.get(`/internal/jobs/${jobId}`, Job);
    } catch (error) {
      if (!(error instanceof Unreachable) || performance.now() - since > PATIENCE_MS) throw error;
    }
  }
}

/** A step is told once; an attempt that begins anew says so. */
function tellSteps(terminal: Terminal): (job: Job) => void {
  let told = 0;
  let state = "";
  return (job) => {
    const now = job.status === "queued" && job.attempt > 0 ? "is to be tried again" : `is ${job.status}`;
    const again = job.attempt > 1 ? ` (attempt ${job.attempt})` : "";
    if (now + again !== state && !job.finished_at) terminal.tell(`  ${now}${again}`);
    state = now + again;
    for (const { at, step, message } of job.steps.slice(told)) {
      terminal.tell(`  ${at.slice(11, 19)}  ${printable(`${step}: ${message}`)}`);
    }
    told = job.steps.length;
  };
}

function succeeded(job: Job): Job {
  if (job.status === "succeeded") return job;
  const words = job.error_message ? `: ${printable(job.error_message)}` : ".";
  throw new CommandError(
    EXIT.failed,
    `The ${job.type} job ${ENDED[job.status] ?? `is ${job.status}`}${words}${next(job)}`,
  );
}

const ENDED: Readonly<Record<string, string>> = {
  dead: "has failed for good",
  cancelled: "was cancelled",
  superseded: "was not done: a newer job of the box took its place",
};

function next({ status, id, box_id }: Job): string {
  if (status === "dead") return `\nWhen what is wrong is mended: fleet-agent jobs retry ${id}`;
  return status === "superseded" ? `\nSee fleet-agent jobs list --box ${box_id}` : "";
}

const late = (jobId: string, timeout: number): string =>
  `The job has not ended in ${timeout} s. It goes on; follow it again: fleet-agent jobs get ${jobId} --wait`;
