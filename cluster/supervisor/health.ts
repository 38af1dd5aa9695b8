import { REASONS, type ReasonCode } from "#schema/domain/reasons/catalogue.ts";
import type { Probe } from "./probe-gateway.ts";
import { type Failing, type Trouble, taking } from "./trouble.ts";

/** The input of the health decision. */
export interface Facts {
  /** Generation of the box.json that is in effect; null before the first valid one. */
  generation: number | null;
  /** The newest box.json's problem; the last valid one stays in effect. */
  configProblem: string | null;
  /** Why the gateway may not start yet; null once it may. */
  gate: Trouble | null;
  /** The restore or upgrade that the gateway waits for. */
  memory: Trouble | null;
  gateway: { running: boolean; restarts: number };
  /** How it ended last; null once it has served again. */
  lastEnd: Failing | null;
  probe: Probe;
  /** A box of the warm pool has no bot yet. */
  channel: "off" | "on";
  /** The channel's settings were just written: the probe may still report the old ones. */
  channelChanging: boolean;
  telegram: { pending: boolean; trouble: Failing | null };
  warmUp: "pending" | "done" | "failed" | "off";
  volumeFull: boolean;
  stopping: boolean;
}

export interface Health {
  ok: boolean;
  /** Why it is not ok, as text for operators; null if it is. */
  reason: string | null;
  /** Of the catalogue of reasons; null if it is ok, and where it takes its time. */
  code: ReasonCode | null;
  generation: number | null;
  config_problem: string | null;
  gateway: "up" | "starting" | "down";
  gateway_restarts: number;
  telegram: "ok" | "failing" | "changing" | "off" | "unknown";
  warm_up: Facts["warmUp"];
}

export type Check = "healthz" | "startupz" | "readyz";

export function judge(check: Check, facts: Facts): Health {
  const trouble = troubleFor[check](facts);
  return {
    ok: trouble === null,
    reason: trouble?.words ?? null,
    code: trouble?.code ?? null,
    generation: facts.generation,
    config_problem: facts.configProblem,
    gateway: facts.probe.started ? "up" : facts.gateway.running ? "starting" : "down",
    gateway_restarts: facts.gateway.restarts,
    telegram: telegramState(facts),
    warm_up: facts.warmUp,
  };
}

/**
 * Live is the supervisor itself: it restarts a dead or stuck gateway on its own, faster than a new container would.
 * Started ignores the channel, so a broken bot token does not restart the pod. Ready is: a message gets an answer.
 */
const troubleFor: Record<Check, (facts: Facts) => Trouble | null> = {
  healthz: () => null,
  // A restore may take longer than a start, and must not restart the pod.
  startupz: (facts) => (facts.memory === null ? notStarted(facts) : null),
  readyz: (facts) => hopeless(facts) ?? notStarted(facts) ?? notReady(facts),
};

/** A token that Telegram refuses is known before the gateway is up, and waiting for that would change nothing. */
function hopeless({ telegram: { trouble }, generation, stopping, gate, memory }: Facts): Trouble | null {
  const isWaiting = stopping || generation === null || gate !== null || memory !== null;
  return trouble && REASONS[trouble.code].job === "final" && !isWaiting ? trouble : null;
}

function notStarted(facts: Facts): Trouble | null {
  if (facts.stopping) return taking("stopping");
  if (facts.generation === null) return notConfigured(facts.configProblem);
  if (facts.gate !== null) return facts.gate;
  if (facts.memory !== null) return facts.memory;
  if (!facts.gateway.running) return down(facts.lastEnd);
  if (!facts.probe.started) return { code: facts.lastEnd?.code ?? null, words: "the gateway is starting" };
  return null;
}

function notConfigured(problem: string | null): Trouble {
  if (problem === null) return taking("waiting for box.json");
  return { code: problem.includes("ENOSPC") ? "volume_full" : "config_refused", words: problem };
}

const down = (last: Failing | null): Trouble =>
  last
    ? { code: last.code, words: `the gateway is down: ${last.words}` }
    : taking("the gateway is down: not started yet");

function notReady(facts: Facts): Trouble | null {
  // OpenClaw keeps each message on the volume before it answers.
  if (facts.volumeFull) return { code: "volume_full", words: "its volume is full" };
  if (facts.telegram.trouble) return facts.telegram.trouble;
  if (facts.warmUp === "pending") return taking("the first turn has not finished");
  if (facts.channelChanging) return taking("the Telegram channel is changing");
  if (facts.telegram.pending) return taking("Telegram has not answered yet");
  if (facts.probe.ready) return null;
  const failing = facts.probe.failing.join(", ");
  return { code: "not_ready", words: failing ? `not working: ${failing}` : "the gateway is not ready" };
}

function telegramState(facts: Facts): Health["telegram"] {
  if (facts.channel === "off") return "off";
  if (facts.telegram.trouble) return "failing";
  if (!facts.probe.started) return "unknown";
  if (facts.channelChanging) return "changing";
  return facts.probe.failing.includes("telegram") ? "failing" : "ok";
}
