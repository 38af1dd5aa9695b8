import { endOrphan } from "#cluster/system/pid-file.ts";
import { sleep } from "#cluster/system/retry.ts";
import type { DesiredBox } from "#schema/contracts/fleet.ts";
import { TIERS } from "#schema/domain/tiers.ts";
import { type LeaseGuard, LeaseLost } from "../../lease.ts";
import type { Logger } from "../../log.ts";
import { createBell } from "../bell.ts";
import { configText, orderText } from "../desired/box-config.ts";
import { nodeOptions } from "../desired/resources.ts";
import { type BoxHealth, type Driver, DriverFailure, failureOf, type ReportStep } from "../driver.ts";
import { type BoxFolder, boxFolder, boxFolders, type Remembered } from "./box-folder.ts";
import { judgeHealth, readinessOf, unhealthy } from "./box-health.ts";
import { type BoxProcess, startBoxProcess } from "./box-process.ts";
import { claimFolder } from "./claim-folder.ts";
import { type FolderGuard, guardFolder } from "./folder-guard.ts";
import { ringOnChange } from "./ring-on-change.ts";
import { unlessAborted } from "./unless-aborted.ts";
import { waitUntilReady } from "./wait-until-ready.ts";

export interface LocalDriverOptions {
  root: string;
  /** The supervisor: a program and its arguments. */
  command: readonly [string, ...string[]];
  /** What a box's process inherits. */
  environment: Record<string, string>;
  /** The folder whose node_modules has openclaw; fetches it first if needed. */
  fetchOpenClaw(onProgress: (line: string) => void): Promise<string>;
  log: Logger;
  backoffMs?: number;
  lookAtLogMs?: number;
  fetchAgainMs?: number;
  lookAtHealthMs?: number;
}

interface Live {
  process: BoxProcess;
  wasReady: boolean;
}

const PROGRESS_EVERY_MS = 15_000;
const FETCH_AGAIN_MS = 60_000;
const LOOK_AT_HEALTH_MS = 2_000;

/** Boxes as child processes of this machine: a folder each instead of a namespace. They end with the agent. */
export async function openLocalDriver(options: LocalDriverOptions): Promise<Driver> {
  const { root, log } = options;
  const release = claimFolder(root);
  const live = new Map<string, Live>();
  /** Boxes that should run, or may have to, and can't be started; until their next job. */
  const failed = new Map<string, Omit<BoxHealth, "box_id">>();
  const guards = new Map<string, FolderGuard>();
  const closing = new AbortController();
  const openclaw = sharedFetch(options);

  const hold = (folder: BoxFolder) => {
    const guard = guards.get(folder.boxId) ?? guardFolder(folder, log);
    guards.set(folder.boxId, guard);
    guard.hold();
  };
  const letGo = async (boxId: string) => {
    await guards.get(boxId)?.close();
    guards.delete(boxId);
  };

  const start = (folder: BoxFolder, { tier }: Remembered, openclawDir: string) => {
    const environment = {
      ...options.environment,
      OPENCLAW_DIR: openclawDir,
      NODE_OPTIONS: nodeOptions(TIERS[tier].memory.limitMi),
    };
    const process = startBoxProcess({ ...options, folder, environment });
    live.set(folder.boxId, { process, wasReady: false });
    failed.delete(folder.boxId);
    return process;
  };
  const stop = async (boxId: string) => {
    const entry = live.get(boxId);
    await entry?.process.stop();
    // The job that began this may have ended meanwhile, and the next one have started the box again.
    if (live.get(boxId) !== entry) return;
    live.delete(boxId);
    failed.delete(boxId);
  };

  const run = async (folder: BoxFolder, desired: DesiredBox, guard: LeaseGuard, report: ReportStep) => {
    if (!desired.config) throw new TypeError("a box to run has no configuration");
    const openclawDir = await unlessAborted(guard.signal, openclaw(report));
    const before = folder.remembered();
    const now = remember(desired);
    guard.check();
    if (before?.restart_token !== now.restart_token || before.tier !== now.tier)
      await unlessAborted(guard.signal, stop(folder.boxId));
    guard.check();
    folder.create();
    folder.writeOrder(desired.order ? orderText(desired.order) : null);
    folder.writeConfig(configText(desired.config));
    folder.remember(now);
    hold(folder);
    await report("configuration", "the configuration is written");
    const process = live.get(folder.boxId)?.process ?? start(folder, now, openclawDir);
    const { generation } = desired.config;
    await waitUntilReady({ process, folder, generation, signal: guard.signal, report });
    const entry = live.get(folder.boxId);
    if (entry) entry.wasReady = true;
  };

  const suspend = async (folder: BoxFolder, desired: DesiredBox, guard: LeaseGuard, report: ReportStep) => {
    guard.check();
    folder.create();
    if (desired.config) folder.writeConfig(configText(desired.config));
    folder.remember(remember(desired));
    hold(folder);
    await unlessAborted(guard.signal, stop(folder.boxId));
    await report("stop", "the gateway has stopped");
  };

  const destroy = async (folder: BoxFolder, guard: LeaseGuard, report: ReportStep) => {
    guard.check();
    await stop(folder.boxId);
    guard.check();
    await letGo(folder.boxId);
    folder.remove();
    await report("remove", "the box and its memory are removed");
  };

  const isActive = (folder: BoxFolder) => folder.remembered()?.status === "active" && !live.has(folder.boxId);
  /** Again and again while the box should run, as a kubelet pulls an image. */
  const fetchFor = async (folder: BoxFolder): Promise<string> => {
    for (;;) {
      try {
        return await openclaw();
      } catch (error) {
        if (!isActive(folder)) throw error;
        failed.set(folder.boxId, unhealthy("openclaw_unavailable", (error as Error).message));
        log.warn({ err: error, box: folder.boxId }, "a box waits for OpenClaw");
      }
      await sleep(options.fetchAgainMs ?? FETCH_AGAIN_MS, closing.signal);
    }
  };
  await restore(root, log, async (folder) => {
    if (folder.isUnknown()) {
      // A job, such as the automatic restart that this leads to, writes it anew.
      failed.set(folder.boxId, unhealthy("record_damaged", "its desired.json is damaged: restart the box"));
      return;
    }
    const openclawDir = await fetchFor(folder);
    // Fetching may take minutes; a job may have started, suspended or removed the box meanwhile.
    const remembered = folder.remembered();
    if (!remembered || !isActive(folder)) return;
    hold(folder);
    start(folder, remembered, openclawDir);
  });

  const observe = async () => {
    const running = [...live].map(async ([box_id, entry]) => {
      const readiness = await readinessOf(entry.process);
      const health = judgeHealth(readiness, entry.process, entry.wasReady);
      entry.wasReady ||= health.health === "healthy";
      return { box_id, ...health };
    });
    return [...(await Promise.all(running)), ...[...failed].map(([box_id, health]) => ({ box_id, ...health }))];
  };
  const changes = createBell();
  const watching = ringOnChange(changes, observe, options.lookAtHealthMs ?? LOOK_AT_HEALTH_MS, closing.signal);

  return {
    reconcile: (desired, guard, report) => {
      const folder = boxFolder(root, desired.box_id);
      if ((folder.remembered()?.fence ?? 0) > desired.fence) throw new LeaseLost("this box has a newer holder");
      if (desired.status === "destroyed") return destroy(folder, guard, report);
      return desired.status === "suspended"
        ? suspend(folder, desired, guard, report)
        : run(folder, desired, guard, report);
    },
    observe,
    changes,
    stop: async () => {
      closing.abort();
      await watching;
      await Promise.all([...live.keys()].map(stop));
      await Promise.all([...guards.keys()].map(letGo));
      release();
    },
  };
}

const remember = ({ fence, status, tier, restart_token }: DesiredBox): Remembered => ({
  fence,
  status,
  tier,
  restart_token,
});

/** After a restart of the agent: stops processes that a killed agent left, starts boxes that should run. */
async function restore(root: string, log: Logger, start: (folder: BoxFolder) => Promise<void>): Promise<void> {
  await Promise.all(
    boxFolders(root).map(async (folder) => {
      if (await endOrphan(folder.pidFile))
        log.info({ box: folder.boxId }, "stopped a process that an earlier agent left running");
      if (!folder.isUnknown() && folder.remembered()?.status !== "active") return;
      // The box's next job retries and reports why it failed.
      start(folder).catch((error: Error) => log.error({ err: error, box: folder.boxId }, "a box can't be started"));
    }),
  );
}

/** Fetches OpenClaw once, however many boxes wait for it; all of them get its progress. */
function sharedFetch(options: LocalDriverOptions): (report?: ReportStep) => Promise<string> {
  const listeners = new Set<ReportStep>();
  let fetching: Promise<string> | undefined;
  let told = { line: "", at: Number.NEGATIVE_INFINITY };
  const onProgress = (line: string) => {
    // A slow fetch would fill the job's steps.
    if (line === told.line || performance.now() - told.at < PROGRESS_EVERY_MS) return;
    told = { line, at: performance.now() };
    options.log.info({ detail: line }, "openclaw");
    for (const report of listeners) void report("openclaw", line);
  };
  return async (report) => {
    if (report) listeners.add(report);
    try {
      fetching ??= options.fetchOpenClaw(onProgress);
      return await fetching;
    } catch (error) {
      fetching = undefined;
      const message = error instanceof Error ? error.message : "OpenClaw could not be fetched.";
      throw new DriverFailure(failureOf("openclaw_unavailable", message), error);
    } finally {
      if (report) listeners.delete(report);
    }
  };
}
