import { sleep } from "#cluster/system/retry.ts";
import type { BackupManifest, StateOrder } from "#schema/contracts/state-transfer.ts";
import type { EdgeTransfer } from "./edge-transfer.ts";
import { fetchBackup } from "./fetch-backup.ts";
import { isNewer } from "./openclaw-version.ts";
import { StateError } from "./state-error.ts";
import { isRestored, keep, makeRoom, rollBack, swapIn } from "./swap-state.ts";

/** A restore's control of the gateway, which must not run while its memory is swapped. */
export interface GatewayControl {
  stop(): Promise<void>;
  start(): void;
  /** Whether it serves. */
  isUp(): boolean;
  /** Why it can't be kept running, since its last start. */
  trouble(): string | undefined;
}

export interface PutBackWork {
  order: StateOrder;
  stateDir: string;
  /** The OpenClaw that will read it. */
  openclaw: string;
  edge: Pick<EdgeTransfer, "getPart">;
  gateway: GatewayControl;
  signal: AbortSignal;
  /** How long the gateway may take to serve with its new memory. */
  startMs?: number | undefined;
}

const START_MS = 300_000;
const LOOK_EVERY_MS = 200;

/** Restores the backup. Throws StateError if the box has its previous memory back. */
export async function putBack(work: PutBackWork): Promise<void> {
  const { order, stateDir, signal } = work;
  if (isRestored(stateDir, order.order_id)) return;
  const manifest = readable(order.manifest, work.openclaw);
  try {
    // Everything is fetched and verified before the box is changed.
    await fetchBackup({ ...work, manifest, into: makeRoom(stateDir) });
    signal.throwIfAborted();
    await exchange(work);
  } finally {
    if (!isRestored(stateDir, order.order_id)) rollBack(stateDir);
  }
}

function readable(manifest: BackupManifest | null, openclaw: string): BackupManifest {
  if (!manifest) throw new StateError("The order does not list the backup's parts", "backup_unusable");
  if (!isNewer(manifest.openclaw, openclaw)) return manifest;
  const words = `The backup was made by OpenClaw ${manifest.openclaw}, and this box runs ${openclaw}`;
  throw new StateError(`${words}, which can't read it: give the box a newer image first`, "backup_unusable");
}

async function exchange(work: PutBackWork): Promise<void> {
  const { order, stateDir, gateway } = work;
  await gateway.stop();
  try {
    swapIn(stateDir, order.order_id);
    gateway.start();
    await served(work);
    keep(stateDir, order.order_id);
  } catch (error) {
    await gateway.stop();
    throw error;
  }
}

async function served({ gateway, signal, startMs = START_MS }: PutBackWork): Promise<void> {
  for (const until = performance.now() + startMs; !gateway.isUp(); await sleep(LOOK_EVERY_MS, signal)) {
    const trouble = gateway.trouble();
    if (trouble)
      throw new StateError(`The agent does not start with the backup's memory: ${trouble}`, "backup_unusable");
    if (performance.now() > until)
      throw new StateError("The agent did not start in time with the backup's memory", "backup");
  }
}
