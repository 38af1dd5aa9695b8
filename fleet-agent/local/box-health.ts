import type { BoxHealth } from "../driver.ts";
import type { BoxProcess } from "./box-process.ts";

/** Whether the supervisor says that its box can answer. */
export async function isReady(process: BoxProcess, signal?: AbortSignal): Promise<boolean> {
  const url = process.healthUrl();
  if (!url) return false;
  const timeout = AbortSignal.timeout(2_000);
  try {
    const response = await fetch(`${url}/readyz`, { signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/** `wasReady`: a box that was ready once in this process and isn't now is unhealthy; before that it is starting. */
export async function healthOf(process: BoxProcess, wasReady: boolean): Promise<Omit<BoxHealth, "box_id">> {
  if (await isReady(process)) return { health: "healthy", reason: null };
  if (process.crashes() > 0) {
    const reason = `the gateway ended by itself ${process.crashes()} times (${process.lastExit() ?? "unknown"})`;
    return { health: "unhealthy", reason };
  }
  if (wasReady) return { health: "unhealthy", reason: "the gateway runs but is not ready" };
  return { health: "unknown", reason: "the gateway is starting" };
}
