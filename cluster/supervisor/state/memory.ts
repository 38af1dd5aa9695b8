import { ORDER_FILE, StateOrder, type TransferResult } from "#schema/contracts/state-transfer.ts";
import { type BackupReason, REASONS } from "#schema/domain/reasons/catalogue.ts";
import { followInput } from "../follow-input.ts";
import { log } from "../log.ts";
import { isFullError, type Trouble, taking } from "../trouble.ts";
import { connectEdge } from "./edge-transfer.ts";
import { forgetBackup, makeBackup } from "./make-backup.ts";
import { type GatewayControl, putBack } from "./put-back.ts";
import { StateError } from "./state-error.ts";
import { isRestored, recover } from "./swap-state.ts";

export interface MemoryOptions {
  boxConfigDir: string;
  stateDir: string;
  /** The version of the OpenClaw in this box. */
  openclaw: () => string;
  gateway: GatewayControl;
  startMs?: number;
}

export interface Memory {
  /** Why the gateway may not start now; null if it may. */
  reason(): Trouble | null;
  /** Whether a failing gateway is due to the restored memory and will get the old one back. */
  isOnTrial(): boolean;
  close(): Promise<void>;
}

const PUTTING_BACK = taking("its memory is being restored from a backup");
type Failed = TransferResult & { outcome: "failed"; code: BackupReason };

const TELL_MS = 120_000;

/** Carries out backup and restore orders, one at a time; a newer order cancels the previous one. */
export function openMemory({ boxConfigDir, stateDir, openclaw, gateway, startMs }: MemoryOptions): Memory {
  recover(stateDir);
  forgetBackup(stateDir);
  let held: Trouble | null = null;
  let phase: "free" | "exchanging" | "on trial" = "free";
  let current: { abort: AbortController; ended: Promise<void> } | undefined;

  const watched: GatewayControl = {
    ...gateway,
    async stop() {
      phase = "exchanging";
      await gateway.stop();
    },
    start() {
      [phase, held] = ["on trial", null];
      gateway.start();
    },
  };

  const work = async (
    order: StateOrder,
    signal: AbortSignal,
  ): Promise<Exclude<TransferResult, { outcome: "failed" }>> => {
    const edge = connectEdge(order, signal);
    if (order.kind === "backup") {
      return { outcome: "stored", manifest: await makeBackup({ order, stateDir, openclaw: openclaw(), edge, signal }) };
    }
    await putBack({ order, stateDir, openclaw: openclaw(), edge, gateway: watched, signal, startMs });
    return { outcome: "restored" };
  };

  const carryOut = async (order: StateOrder, replaced: AbortSignal): Promise<void> => {
    const timeout = AbortSignal.timeout(order.timeout_seconds * 1_000);
    const startedAt = Date.now();
    const result = await work(order, AbortSignal.any([replaced, timeout])).catch((error) => failure(error, timeout));
    phase = "free";
    if (replaced.aborted) return;
    const { reason, code } = result.outcome === "failed" ? result : { reason: null, code: null };
    log(`${order.kind}_ended`, { outcome: result.outcome, ms: Date.now() - startedAt, code, reason });
    // A box that was made from this backup never works without it.
    held = code !== null && order.required ? { code, words: `its backup could not be restored: ${reason}` } : null;
    gateway.start();
    const edge = connectEdge(order, AbortSignal.any([replaced, AbortSignal.timeout(TELL_MS)]));
    await edge.report(result).catch((error: Error) => log("result_not_told", { reason: error.message }));
  };

  const onOrder = (order: StateOrder | null) => {
    const before = current;
    before?.abort.abort(new StateError("Another order arrived", "backup"));
    if (order?.kind === "restore" && !isRestored(stateDir, order.order_id) && !gateway.isUp()) held = PUTTING_BACK;
    const abort = new AbortController();
    const run = async () => {
      await before?.ended;
      if (order) return carryOut(order, abort.signal);
      held = null;
      gateway.start();
    };
    current = { abort, ended: run() };
  };

  const source = followInput(boxConfigDir, ORDER_FILE, StateOrder, {
    onChange: onOrder,
    onProblem: (reason) => log("order_refused", { reason }),
  });
  return {
    reason: () => (phase === "exchanging" ? PUTTING_BACK : held),
    isOnTrial: () => phase === "on trial",
    async close() {
      source.close();
      current?.abort.abort(new StateError("The box is stopping", "backup"));
      await current?.ended;
    },
  };
}

/** Only messages written for operators are reported; anything else stays in this box's log. */
function failure(error: unknown, timeout: AbortSignal): Failed {
  if (timeout.aborted) return failed("backup", "It took too long and was cancelled");
  if (error instanceof StateError) return failed(error.code, error.message);
  if (isFullError(error)) return failed("backup_no_room", "The box's volume is full");
  const name =
    error instanceof Error ? `${error.name} ${String((error as NodeJS.ErrnoException).code ?? "")}` : "unknown";
  log("state_error", { reason: name });
  return failed("backup", "An unexpected error with the box's memory; its log has more");
}

const failed = (code: BackupReason, reason: string): Failed => ({
  outcome: "failed",
  code,
  reason: reason.slice(0, 500),
  retryable: REASONS[code].job === "retry",
});
