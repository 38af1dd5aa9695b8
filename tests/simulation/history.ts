/** What was seen while jobs ran, in the order in which it was seen. Every `at` is ms since the epoch. */
import type { DesiredStatus, JobStatus, JobType } from "#schema/domain/states.ts";

/** What an agent does to a box: `agent` names the process, `fence` the grant under which it works. */
interface Deed {
  at: number;
  agent: string;
  box: string;
  fence: number;
}

export type Seen =
  /** It begins: what it will make of the box. */
  | ({ kind: "begun"; generation: number; status: DesiredStatus } & Deed)
  | ({ kind: "wrote" } & Deed)
  /** The box is now what was desired; `changed` is false where it was so already. */
  | ({ kind: "ended"; generation: number; status: DesiredStatus; changed: boolean } & Deed)
  /** It gave up: a failure, or a lost lease. */
  | ({ kind: "left" } & Deed)
  /** The process was killed. */
  | { kind: "killed"; at: number; agent: string };

/** The edge handed a job out. */
export interface Granted {
  at: number;
  job: string;
  box: string;
  fence: number;
  attempt: number;
}

/** The edge took the report of a success. */
export interface Completed {
  at: number;
  job: string;
  fence: number;
}

/** A job's row at the end. */
export interface FinalJob {
  id: string;
  box: string;
  seq: number;
  type: JobType;
  status: JobStatus;
  generation: number;
  attempt: number;
  /** Of its last grant. */
  fence: number | null;
}

export interface FinalBox {
  id: string;
  status: string;
  desired: DesiredStatus;
  generation: number;
  observed: number;
}

export interface History {
  /** Ids of the jobs that the edge has accepted: it answered 202, or their row was committed. */
  accepted: readonly string[];
  deeds: readonly Seen[];
  grants: readonly Granted[];
  completions: readonly Completed[];
  jobs: readonly FinalJob[];
  boxes: readonly FinalBox[];
}
