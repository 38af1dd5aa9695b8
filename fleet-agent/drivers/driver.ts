import type { ListedBox } from "#schema/contracts/comparison.ts";
import type { DesiredBox, Failure, HealthReport } from "#schema/contracts/fleet.ts";
import type { LeaseGuard } from "../lease.ts";
import type { Bell } from "./bell.ts";
import type { ClusterView } from "./cluster-view.ts";
import type { Expectations } from "./expectations.ts";

/** Tells the people who watch a job what is happening. Queued and sent in order; never fails the job. */
export type ReportStep = (step: string, message: string) => Promise<void>;

export type BoxHealth = HealthReport["boxes"][number];

/**
 * Where boxes run. Two implementations: a Kubernetes cluster (`kube/`), and child processes of this machine
 * (`local/`).
 */
export interface Driver {
  /**
   * Makes the box what `desired` says, from whatever state it is in; doing it twice changes nothing.
   * Calls `guard.check()` before every write. Throws `DriverFailure` with words for people, `LeaseLost` where the
   * job is no longer ours.
   */
  reconcile(desired: DesiredBox, guard: LeaseGuard, report: ReportStep): Promise<void>;
  /** What is seen of every box that should run. */
  observe(): Promise<BoxHealth[]>;
  /** Rings when what is observed may have changed; without it, it has to be looked at now and then. */
  changes?: Bell;
  /** What is in the cluster, and what should be, for comparing the two. */
  comparable?: Comparable;
  /** Lets go of everything the driver holds open. Boxes in a cluster go on; local ones stop. */
  stop(): Promise<void>;
}

export interface Comparable {
  view: ClusterView;
  expect(box: ListedBox): Promise<Expectations>;
  secretChanged: SecretCheck;
}

/** Whether a box's Secret is another than the version that we wrote, or gone. */
export type SecretCheck = (box: Pick<ListedBox, "box_id" | "fence">, version: string) => Promise<boolean>;

/** The box can't be brought to what is desired, for a reason that is told in words. */
export class DriverFailure extends Error {
  override readonly name = "DriverFailure";
  readonly failure: Failure;

  constructor(failure: Failure, cause?: unknown) {
    super(failure.message, { cause });
    this.failure = failure;
  }
}
