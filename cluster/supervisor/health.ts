import type { Probe } from "./probe-gateway.ts";

/** The input of the health decision. */
export interface Facts {
  /** Generation of the box.json that is in effect; null before the first valid one. */
  generation: number | null;
  /** The newest box.json's problem; the last valid one stays in effect. */
  configProblem: string | null;
  /** Why the gateway may not start yet; null once it may. */
  gate: string | null;
  /** The restore or upgrade that the gateway waits for. */
  memory: string | null;
  gateway: { running: boolean; restarts: number; lastExit: string | null };
  probe: Probe;
  /** A box of the warm pool has no bot yet. */
  channel: "off" | "on";
  /** The channel's settings were just written: the probe may still report the old ones. */
  channelChanging: boolean;
  warmUp: "pending" | "done" | "failed" | "off";
  stopping: boolean;
}

export interface Health {
  ok: boolean;
  /** Why it is not ok, as text for operators; null if it is. */
  reason: string | null;
  generation: number | null;
  config_problem: string | null;
  gateway: "up" | "starting" | "down";
  gateway_restarts: number;
  telegram: "ok" | "failing" | "changing" | "off" | "unknown";
  warm_up: Facts["warmUp"];
}

export type Check = "healthz" | "startupz" | "readyz";

export function judge(check: Check, facts: Facts): Health {
  const reason = reasonFor[check](facts);
  return {
    ok: reason === null,
    reason,
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
const reasonFor: Record<Check, (facts: Facts) => string | null> = {
  healthz: () => null,
  // A restore may take longer than a start, and must not restart the pod.
  startupz: (facts) => (facts.memory === null ? notStarted(facts) : null),
  readyz: (facts) => notStarted(facts) ?? notReady(facts),
};

function notStarted(facts: Facts): string | null {
  if (facts.stopping) return "stopping";
  if (facts.generation === null) return facts.configProblem ?? "waiting for box.json";
  if (facts.gate !== null) return facts.gate;
  if (facts.memory !== null) return facts.memory;
  if (!facts.gateway.running) return `the gateway is down: ${facts.gateway.lastExit ?? "not started yet"}`;
  if (!facts.probe.started) return "the gateway is starting";
  return null;
}

function notReady(facts: Facts): string | null {
  if (facts.warmUp === "pending") return "the first turn has not finished";
  if (facts.channelChanging) return "the Telegram channel is changing";
  if (facts.probe.ready) return null;
  const failing = facts.probe.failing.join(", ");
  return failing ? `not working: ${failing}` : "the gateway is not ready";
}

function telegramState(facts: Facts): Health["telegram"] {
  if (facts.channel === "off") return "off";
  if (!facts.probe.started) return "unknown";
  if (facts.channelChanging) return "changing";
  return facts.probe.failing.includes("telegram") ? "failing" : "ok";
}
