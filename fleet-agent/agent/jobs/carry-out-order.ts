import { sleep } from "#cluster/system/retry.ts";
import type { DesiredBox, Held } from "#schema/contracts/fleet.ts";
import type { StateOrder } from "#schema/contracts/state-transfer.ts";
import { isOfBackup, toReasonCode } from "#schema/domain/reasons/catalogue.ts";
import { type Driver, DriverFailure, failureOf, type ReportStep } from "../../drivers/driver.ts";
import type { LeaseGuard } from "../../lease.ts";
import type { EdgeClient } from "../edge/edge-client.ts";

export interface OrderContext {
  driver: Driver;
  edge: Pick<EdgeClient, "transfer">;
  job: Held;
  desired: DesiredBox;
  guard: LeaseGuard;
  report: ReportStep;
  lookEveryMs?: number | undefined;
}

interface Failed {
  code?: string | undefined;
  reason: string;
  retryable: boolean;
}

const LOOK_EVERY_MS = 1_000;
/** How long to wait after the supervisor's own time limit. */
const SILENT_MS = 60_000;

/**
 * Applies the box with the order beside its configuration, and waits until its supervisor, which transfers the parts
 * itself, is done. Then removes the order and its key from the cluster.
 */
export async function carryOutOrder(context: OrderContext, order: StateOrder): Promise<void> {
  const { driver, desired, guard, report } = context;
  const { order: _, ...without } = desired;
  await report(order.kind, order.kind === "backup" ? "backing up the memory" : "restoring the memory");
  try {
    await together(guard, [
      (own) => driver.reconcile(desired, own, report),
      (own) => follow({ ...context, guard: own }, order),
    ]);
  } catch (error) {
    // Otherwise a box that was made from this backup would start without it.
    if (!order.required && !guard.signal.aborted) await driver.reconcile(without, guard, report).catch(() => undefined);
    throw error;
  }
  await report(order.kind, order.kind === "backup" ? "the memory is backed up" : "the memory is restored");
  await driver.reconcile(without, guard, report);
}

/** Waits for all, then throws the first failure: nothing writes for the job after this. */
async function together(guard: LeaseGuard, works: ((guard: LeaseGuard) => Promise<void>)[]): Promise<void> {
  const over = new AbortController();
  const own: LeaseGuard = {
    signal: AbortSignal.any([guard.signal, over.signal]),
    check: () => {
      guard.check();
      over.signal.throwIfAborted();
    },
  };
  const running = works.map((work) => work(own).catch((error: unknown) => over.abort(error)));
  await Promise.all(running);
  guard.signal.throwIfAborted();
  over.signal.throwIfAborted();
}

async function follow({ edge, job, guard, lookEveryMs }: OrderContext, order: StateOrder): Promise<void> {
  const until = performance.now() + order.timeout_seconds * 1_000 + SILENT_MS;
  for (;;) {
    const now = await edge.transfer(job, guard.signal);
    if (now.state === "succeeded" || now.state === "none") return;
    if (now.state === "failed") throw failed(order, now);
    if (performance.now() > until)
      throw failed(order, { reason: "the box did not report the result", retryable: true });
    await sleep(lookEveryMs ?? LOOK_EVERY_MS, guard.signal);
  }
}

/** With the code and the words that the box's supervisor gave. */
function failed({ kind }: StateOrder, { code, reason, retryable }: Failed): DriverFailure {
  const what = kind === "backup" ? "The memory could not be backed up" : "The backup could not be restored";
  const known = toReasonCode(code ?? null);
  return new DriverFailure({ ...failureOf(isOfBackup(known) ? known : "backup", `${what}: ${reason}`), retryable });
}
