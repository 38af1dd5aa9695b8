import * as z from "zod";
import type { BoxHealth } from "../driver.ts";
import type { BoxProcess } from "./box-process.ts";

/** The body of the supervisor's `/readyz`, as far as the agent uses it. */
const Readiness = z.object({
  ok: z.boolean(),
  reason: z.string().nullable().default(null),
  /** Of the configuration that is in effect. */
  generation: z.int().nullable().default(null),
  config_problem: z.string().nullable().default(null),
  gateway_restarts: z.int().default(0),
});
export type Readiness = z.infer<typeof Readiness>;

/** The supervisor's state of its box; undefined if it doesn't answer. */
export async function readinessOf(process: BoxProcess, signal?: AbortSignal): Promise<Readiness | undefined> {
  const url = process.healthUrl();
  if (!url) return undefined;
  const timeout = AbortSignal.timeout(2_000);
  try {
    const response = await fetch(`${url}/readyz`, { signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
    return Readiness.parse(await response.json());
  } catch {
    return undefined;
  }
}

/** `wasReady`: a box that was ready in this process and isn't now is unhealthy; before, it is starting. */
export function judgeHealth(
  readiness: Readiness | undefined,
  process: Pick<BoxProcess, "crashes" | "lastExit">,
  wasReady: boolean,
): Omit<BoxHealth, "box_id"> {
  if (readiness?.ok) return { health: "healthy", reason: null };
  const crashes = process.crashes() + (readiness?.gateway_restarts ?? 0);
  const reason = readiness?.reason ?? process.lastExit() ?? "no answer from the supervisor";
  if (crashes > 0) return unhealthy(`the gateway exited ${crashes} times (${reason})`);
  return wasReady ? unhealthy(reason) : { health: "unknown", reason: "the gateway is starting" };
}

const unhealthy = (reason: string) => ({ health: "unhealthy" as const, reason: reason.slice(0, 500) });
