import { readLeftReason } from "#schema/contracts/left-reason.ts";
import { type ReasonCode, toReasonCode } from "#schema/domain/reasons/catalogue.ts";
import type { BoxHealth } from "../driver.ts";
import { type Readiness, readReadiness } from "../readiness.ts";
import type { BoxProcess } from "./box-process.ts";

/** The supervisor's state of its box; undefined if it doesn't answer. */
export async function readinessOf(process: BoxProcess, signal?: AbortSignal): Promise<Readiness | undefined> {
  const url = process.healthUrl();
  if (!url) return undefined;
  const timeout = AbortSignal.timeout(2_000);
  try {
    const response = await fetch(`${url}/readyz`, { signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
    return readReadiness(await response.json());
  } catch {
    return undefined;
  }
}

/**
 * A box's health by its process, with the codes that a pod's has (kube/pod-phase.ts). `unknown` during the first start.
 * Ends of the gateway under the supervisor count until it is up again: a channel that fails later has another cause.
 */
export function judgeHealth(
  readiness: Readiness | undefined,
  process: Pick<BoxProcess, "crashes" | "restarts" | "lastExit">,
  wasReady: boolean,
): Omit<BoxHealth, "box_id"> {
  const restarts = process.restarts();
  if (readiness?.ok) return { health: "healthy", code: null, reason: null, restarts };
  const isUp = readiness?.gateway === "up";
  const crashes = isUp ? 0 : process.crashes() + (readiness?.gateway_restarts ?? 0);
  const { code, words } = whyNot(readiness, process.lastExit());
  if (crashes > 0) return unhealthy(code ?? "crash_loop", `the gateway exited ${crashes} times (${words})`, restarts);
  if (code !== null || wasReady || isUp) return unhealthy(code ?? "not_ready", words, restarts);
  return { health: "unknown", code: null, reason: "the gateway is starting", restarts };
}

export interface Why {
  code: ReasonCode | null;
  words: string;
}

/** What the supervisor says, or said when it ended. */
export function whyNot(
  readiness: Pick<Readiness, "code" | "gateway" | "reason"> | undefined,
  lastExit: string | undefined,
): Why {
  const left = readiness?.gateway === "up" ? undefined : readLeftReason(lastExit ?? "");
  const told = readiness?.code ? toReasonCode(readiness.code) : (left?.code ?? null);
  const words = readiness?.reason ?? left?.words ?? lastExit ?? "no answer from the supervisor";
  return { code: here(told), words };
}

/** A box's volume is a folder of this machine. */
export const here = <Code extends ReasonCode | null>(code: Code): Code | "disk_full" =>
  code === "volume_full" ? "disk_full" : code;

export const unhealthy = (code: ReasonCode, reason: string, restarts = 0): Omit<BoxHealth, "box_id"> => ({
  health: "unhealthy",
  code,
  reason: reason.slice(0, 500),
  restarts,
});
