import type { JobType } from "#schema/domain/states.ts";
import { carryOutOrder, type OrderContext } from "./carry-out-order.ts";

export type JobContext = OrderContext;

export type JobHandler = (context: JobContext) => Promise<void>;

/** A job's type says why the box changes; only the desired state says what to. So one handler serves all types. */
const matchDesired: JobHandler = (context) => {
  const { driver, desired, guard, report } = context;
  return desired.order ? carryOutOrder(context, desired.order) : driver.reconcile(desired, guard, report);
};

/** A new job type without a handler doesn't compile. */
export const HANDLERS: Readonly<Record<JobType, JobHandler>> = {
  provision: matchDesired,
  destroy: matchDesired,
  suspend: matchDesired,
  reactivate: matchDesired,
  resize: matchDesired,
  update: matchDesired,
  update_connections: matchDesired,
  restart: matchDesired,
  rotate_token: matchDesired,
  backup: matchDesired,
  restore: matchDesired,
};
