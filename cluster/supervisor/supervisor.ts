import { dirname, join } from "node:path";
import type { KeptProcess } from "#cluster/system/keep-running.ts";
import { writePidFile } from "#cluster/system/pid-file.ts";
import { BoxConfig, CONFIG_FILE } from "#schema/contracts/box-config.ts";
import { applyBox } from "./apply-box.ts";
import { createChannelChange } from "./channel-change.ts";
import { paths, type Settings } from "./config.ts";
import { createEgressGate } from "./egress-gate.ts";
import { followInput } from "./follow-input.ts";
import { forgetLeases } from "./forget-leases.ts";
import { gatewayEnvironment } from "./gateway-environment.ts";
import { type GatewayOptions, keepGatewayRunning } from "./gateway-process.ts";
import { createBoxGuard } from "./guard/box-guard.ts";
import { configurationOf } from "./guard/owned-files.ts";
import { type Facts, judge } from "./health.ts";
import { serveHealth } from "./health-server.ts";
import { endLeftover } from "./leftover.ts";
import { log, messageOf } from "./log.ts";
import { addressOf } from "./probe.ts";
import { probeGateway, SILENT } from "./probe-gateway.ts";
import { createReloadWatch } from "./reload-watch.ts";
import { openMemory } from "./state/memory.ts";
import { openClawVersion } from "./state/openclaw-version.ts";
import { createTelegramCheck } from "./telegram-check.ts";
import { type Failing, isFull } from "./trouble.ts";
import { matchState } from "./upgrade/match-state.ts";
import { prepareWarmUp } from "./warm-up.ts";
import { createWatchdog } from "./watchdog.ts";

export interface Supervisor {
  healthPort: number;
  /** Resolves with the reason when the gateway can't be kept running; the caller should then exit. */
  givenUp: Promise<Failing>;
  /** Stops the gateway cleanly, then everything else. */
  stop(): Promise<void>;
}

const PROBE_MS = { notReady: 300, ready: 5_000 };

/**
 * Everything around the gateway of one box: its files follow box.json, its process is kept running, its health is
 * told. The running gateway reloads all that box.json can change, so a change never restarts it.
 */
export async function startSupervisor(settings: Settings): Promise<Supervisor> {
  const warmUp = await prepareWarmUp(settings.warmUp !== "never", settings.gatewayPort);
  const isStuck = createWatchdog();
  const { promise: givenUp, resolve: giveUp } = Promise.withResolvers<Failing>();
  let box: BoxConfig | undefined;
  let gateway: KeptProcess | undefined;
  let probed = SILENT;
  const channelChange = createChannelChange();
  const telegramCheck = createTelegramCheck(settings.telegramCheck);
  let probeTimer: NodeJS.Timeout | undefined;
  let stopping = false;
  let lastTold = "not_ready";
  let trouble: Failing | undefined;
  let lastEnd: Failing | null = null;

  const facts = (): Facts => ({
    generation: box?.generation ?? null,
    configProblem: source.problem(),
    gate: gate.reason(),
    memory: memory.reason(),
    gateway: gateway?.state() ?? { running: false, restarts: 0 },
    lastEnd,
    probe: gateway?.state().running ? probed : SILENT,
    channel: box?.telegram.bot_token ? "on" : "off",
    channelChanging: channelChange.isUnderWay(),
    telegram: { pending: telegramCheck.isPending(), trouble: telegramCheck.trouble() },
    warmUp: warmUp.state(),
    volumeFull: box !== undefined && isFull(settings.stateDir),
    stopping,
  });

  const apply = (next: BoxConfig) => {
    if (!box && settings.warmUp === "without-bot" && next.telegram.bot_token) warmUp.skip();
    const owned = applyBox(next, settings.stateDir, { gatewayPort: settings.gatewayPort, warmUp: warmUp.model() });
    guard.hold(owned);
    reload.onWritten(configurationOf(owned));
    if (box) channelChange.onApplied(box.telegram, next.telegram);
    telegramCheck.onApplied(next.telegram);
    box = next;
    log("box_applied", { generation: next.generation, with_bot: next.telegram.bot_token !== "" });
    startIfAllowed();
  };

  const startIfAllowed = () => {
    if (stopping || !box || gate.reason() !== null || memory.reason() !== null) return;
    gateway ??= startGateway(settings, { beforeStart, onLine, onEnd, onGivenUp });
    probeIn(0);
  };

  const beforeStart = () => {
    guard.check();
    reload.onStart();
    channelChange.onStart(box?.telegram);
  };

  const onLine = (line: string) => {
    for (const listener of [channelChange, telegramCheck, reload]) listener.onLine(line);
  };

  const onEnd = (why: Failing) => {
    lastEnd = why;
  };

  const onGivenUp = (why: Failing) => {
    lastEnd = trouble = why;
    if (!memory.isOnTrial()) giveUp(why);
  };

  const stopGateway = async () => {
    const ending = gateway;
    [gateway, probed, trouble] = [undefined, SILENT, undefined];
    // Its files may be exchanged now; they are guarded again when they are rendered.
    guard.hold(null);
    await ending?.stop();
  };

  /** After a swap of the files, everything must be rendered again. */
  const startAgain = () => {
    if (box && !stopping && !gateway) apply(box);
  };

  const takeFirstTurn = async ({ gateway_token: token, telegram }: BoxConfig) => {
    const done = await warmUp.run(token, telegram.bot_token === "");
    if (!done || !box || stopping) return;
    try {
      // Render again, now without the model of the first turn.
      apply(box);
    } catch (error) {
      log("first_turn_not_cleared", { reason: messageOf(error) });
    }
  };

  const probe = async () => {
    const asked = gateway;
    const answer = asked?.state().running ? await probeGateway(settings.gatewayPort) : SILENT;
    if (stopping) return;
    // It may have been replaced meanwhile.
    probed = asked === gateway ? answer : SILENT;
    if (probed.started) onStarted();
    if (gateway && isStuck(gateway.state(), probed.live)) {
      log("gateway_killed", { reason: "it does not answer its probe" });
      gateway.kill();
    }
    probeIn(tellReadiness() ? PROBE_MS.ready : PROBE_MS.notReady);
  };

  const onStarted = () => {
    channelChange.onServing();
    lastEnd = null;
    if (box && warmUp.model()) void takeFirstTurn(box);
  };

  const tellReadiness = (): boolean => {
    const { ok, code, reason } = judge("readyz", facts());
    const told = ok ? "ready" : (code ?? "not_ready");
    if (told !== lastTold) log(ok ? "ready" : "not_ready", { code, reason });
    lastTold = told;
    return ok;
  };

  const probeIn = (ms: number) => {
    clearTimeout(probeTimer);
    if (!stopping) probeTimer = setTimeout(probe, ms);
  };

  const reload = createReloadWatch({
    isUp: () => probed.started,
    onMissed() {
      log("gateway_killed", { reason: "it has not noticed its new configuration" });
      gateway?.kill();
    },
  });
  const guard = createBoxGuard({
    proxy: () => box?.proxy,
    giveUp(why) {
      // Whoever works against the box has no time left.
      gateway?.kill();
      giveUp({ code: why.includes("ENOSPC") ? "volume_full" : "turned_against_us", words: why });
    },
  });
  const gate = createEgressGate({
    canaries: settings.canaries,
    edge: () => box && addressOf(box.proxy.base_url),
    onOpen: startIfAllowed,
    onGivenUp: giveUp,
  });
  const memory = openMemory({
    boxConfigDir: settings.boxConfigDir,
    stateDir: settings.stateDir,
    openclaw: () => openClawVersion(settings.openclawDir),
    gateway: {
      stop: stopGateway,
      start: startAgain,
      isUp: () => gateway !== undefined && probed.started,
      trouble: () => trouble?.words,
    },
  });
  const source = followInput(settings.boxConfigDir, CONFIG_FILE, BoxConfig, {
    onChange: (next) => next && apply(next),
    onProblem: (reason) => log("box_refused", { reason }),
  });
  const health = await serveHealth(settings.healthPort, settings.bindHost, (check) => judge(check, facts()));
  log("supervising", { health_port: health.port, gateway_port: settings.gatewayPort });

  return {
    healthPort: health.port,
    givenUp,
    async stop() {
      stopping = true;
      clearTimeout(probeTimer);
      gate.stop();
      source.close();
      await memory.close();
      await gateway?.stop();
      telegramCheck.stop();
      reload.close();
      await guard.close();
      warmUp.close();
      health.close();
    },
  };
}

type GatewayEvents = { beforeStart: () => void } & Pick<GatewayOptions, "onLine" | "onEnd" | "onGivenUp">;

/** Undefined if this OpenClaw can't start with the state; the reason is reported. */
function startGateway(
  settings: Settings,
  { beforeStart, onGivenUp, ...listeners }: GatewayEvents,
): KeptProcess | undefined {
  const where = paths(settings.stateDir);
  endLeftover(where.gatewayPid);
  const unfit = matchState(settings.stateDir, openClawVersion(settings.openclawDir));
  if (unfit !== null) {
    onGivenUp(unfit);
    return undefined;
  }
  return keepGatewayRunning({
    command: process.execPath,
    args: [join(settings.openclawDir, "node_modules/openclaw/openclaw.mjs"), "gateway", "run"],
    // OpenClaw reads a .env file where it is started. In the workspace that would be the agent's.
    cwd: dirname(where.config),
    env: gatewayEnvironment(settings),
    beforeStart() {
      beforeStart();
      // Also after a crash: a lease names a process by its number, which another program may have by now.
      forgetLeases(where.openclawState);
    },
    onStart: (pid) => writePidFile(where.gatewayPid, pid),
    volumeIsFull: () => isFull(settings.stateDir),
    ...listeners,
    onGivenUp: ({ code, words }) => onGivenUp({ code, words: `the gateway keeps exiting: ${words}` }),
    graceMs: settings.stopGraceMs,
  });
}
