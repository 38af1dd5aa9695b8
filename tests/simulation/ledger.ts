/** Jobs by the edge's log lines and the database's rows. */
import type { Neon } from "#cluster/local/neon/neon.ts";
import type { Completed, FinalBox, FinalJob, Granted } from "./history.ts";

/** One line of the edge's log, as far as this reads it. */
interface Line {
  kind?: string;
  outcome?: string;
  route?: string;
  status?: number;
  job_id?: string;
  box_id?: string;
  fence?: number;
  attempt?: number;
}

export interface EdgeLog {
  grants: Granted[];
  completions: Completed[];
  /** Calls of the mailbox in each second. */
  mailboxCalls: Map<number, number>;
  /** The lines of requests that failed in the edge, except those that the caller may repeat. */
  errors: string[];
  take(text: string): void;
}

/** Of a request by an agent: its assertion's one use is noted, and heartbeats and completions are passed on. */
const CALLS: Readonly<Record<string, number>> = { heartbeat: 2, complete: 2, box: 1, progress: 1 };

export function createEdgeLog(): EdgeLog {
  const log: EdgeLog = {
    grants: [],
    completions: [],
    mailboxCalls: new Map(),
    errors: [],
    take(text) {
      const line = parse(text);
      const { job_id: job, box_id: box, fence, attempt = 0, outcome } = line;
      const at = Date.now();
      if (line.status === 500) log.errors.push(text);
      count(log.mailboxCalls, Math.floor(at / 1_000), callsOf(line));
      if (job === undefined || fence === undefined) return;
      if (line.kind === "mailbox" && outcome === "granted")
        log.grants.push({ at, job, box: box ?? "", fence, attempt });
      if (line.route?.endsWith("/complete") && line.status === 204 && outcome === "succeeded") {
        log.completions.push({ at, job, fence });
      }
    },
  };
  return log;
}

function callsOf({ route = "", outcome }: Line): number {
  if (route.startsWith("/hooks/")) return outcome === "offered" ? 1 : 0;
  return route.startsWith("/fleet/") ? (CALLS[route.split("/").at(-1) ?? ""] ?? 1) : 0;
}

const count = (counts: Map<number, number>, key: number, more: number): void => {
  if (more > 0) counts.set(key, (counts.get(key) ?? 0) + more);
};

function parse(text: string): Line {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return {};
  }
}

/** Every job and box, at the end. */
export async function readRows(neon: Neon): Promise<{ jobs: FinalJob[]; boxes: FinalBox[] }> {
  const jobs = await neon.query<FinalJob>(
    `select id, box_id as box, seq::int, type, status, generation::int, attempt, fence::int from operator_jobs order by seq`,
  );
  const boxes = await neon.query<FinalBox>(
    `select id, status, desired_status as desired, generation::int, observed_generation::int as observed from boxes`,
  );
  return { jobs, boxes };
}

/** Milliseconds from a job's row to its first grant, of all jobs made in this span of time. */
export async function waits(neon: Neon, from: number, to: number, boxes: readonly string[]): Promise<number[]> {
  const rows = await neon.query<{ ms: number }>(
    `select (extract(epoch from started_at - created_at) * 1000)::float8 as ms from operator_jobs
     where started_at is not null and box_id = any($3) and created_at between to_timestamp($1 / 1000.0) and to_timestamp($2 / 1000.0)`,
    [from, to, boxes],
  );
  return rows.map(({ ms }) => ms);
}

export async function openJobs(neon: Neon): Promise<number> {
  const [row] = await neon.query<{ n: number }>(
    "select count(*)::int as n from operator_jobs where status in ('queued', 'running')",
  );
  return row?.n ?? 0;
}
