import type { ListedBox } from "#schema/contracts/comparison.ts";
import type { DesiredBox, Failure, HealthReport } from "#schema/contracts/fleet.ts";
import { REASONS, type ReasonCode } from "#schema/domain/reasons/catalogue.ts";
import type { LeaseGuard } from "../lease.ts";
import type { Bell } from "./bell.ts";
import type { ClusterView } from "./cluster-view.ts";
import type { Expectations } from "./expectations.ts";

/** Reports a job's step. Queued and sent in order; never fails the job. */
export type ReportStep = (step: string, message: string) => Promise<void>;

export interface BoxHealth extends Omit<HealthReport["boxes"][number], "code"> {
  code?: ReasonCode | null;
}

export interface BoxFailure extends Failure {
  code: ReasonCode;
}

/** Whether it is tried again is the catalogue's to say. */
export const failureOf = (code: ReasonCode, message: string): BoxFailure => ({
  code,
  message: message.slice(0, 1_000),
  retryable: REASONS[code].job === "retry",
});

/**
 * Where boxes run. Two implementations: a Kubernetes cluster (`kube/`), and child processes of this machine
 * (`local/`).
 */
export interface Driver {
  /**
   * Brings the box to its desired state from any state; idempotent.
   * Calls `guard.check()` before every write. Throws `DriverFailure` with a message for operators, `LeaseLost` if
   * another agent holds the job now.
   */
  reconcile(desired: DesiredBox, guard: LeaseGuard, report: ReportStep): Promise<void>;
  /** The observed health of every box that should run. */
  observe(): Promise<BoxHealth[]>;
  /** Rings when the observed health may have changed; without it, the caller must poll. */
  changes?: Bell;
  /** The cluster's objects and the expected ones, for comparison. */
  comparable?: Comparable;
  /** Closes everything that the driver holds open. Boxes in a cluster keep running; local ones stop. */
  stop(): Promise<void>;
}

export interface Comparable {
  view: ClusterView;
  expect(box: ListedBox): Promise<Expectations>;
  secretChanged: SecretCheck;
}

/** Whether a box's Secret is missing or not the version that we wrote. */
export type SecretCheck = (box: Pick<ListedBox, "box_id" | "fence">, version: string) => Promise<boolean>;

/** The box can't be brought to its desired state, with the reason for operators. */
export class DriverFailure extends Error {
  override readonly name = "DriverFailure";
  readonly failure: BoxFailure;

  constructor(failure: BoxFailure, cause?: unknown) {
    super(failure.message, { cause });
    this.failure = failure;
  }
}
