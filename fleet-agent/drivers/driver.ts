import type { ListedBox } from "#schema/contracts/comparison.ts";
import type { DesiredBox, Failure, HealthReport } from "#schema/contracts/fleet.ts";
import type { LeaseGuard } from "../lease.ts";
import type { Bell } from "./bell.ts";
import type { ClusterView } from "./cluster-view.ts";
import type { Expectations } from "./expectations.ts";

/** Reports a job's step. Queued and sent in order; never fails the job. */
export type ReportStep = (step: string, message: string) => Promise<void>;

export type BoxHealth = HealthReport["boxes"][number];

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
  readonly failure: Failure;

  constructor(failure: Failure, cause?: unknown) {
    super(failure.message, { cause });
    this.failure = failure;
  }
}
