import { type MonotonicClock, monotonic } from "../../lease.ts";

/** A loop that must come round: silent for longer than it may be, it hangs, and only a new process helps. */
export interface Pulse {
  beat(): void;
  /** The loop has ended as it should. */
  end(): void;
}

/**
 * What the probes ask. Live: every main loop comes round. Ready: this process does its part, which for one that stands
 * by is to be able to take over, and for the one that works is to be reachable by the edge. An edge that is away makes
 * nobody unlive: a restart would not bring it back.
 */
export interface Vitals {
  pulse(loop: string, maxSilenceMs: number): Pulse;
  /** One condition of readiness: words while it is not met. A later call of the same name replaces it; undefined takes it away. */
  need(name: string, problem: (() => string | undefined) | undefined): void;
  /** What is wrong, in words; empty where all is well. */
  live(): string[];
  ready(): string[];
}

export function createVitals(clock: MonotonicClock = monotonic): Vitals {
  const pulses = new Map<Pulse, { loop: string; maxSilenceMs: number; at: number }>();
  const needs = new Map<string, () => string | undefined>();
  return {
    pulse: (loop, maxSilenceMs) => {
      const pulse: Pulse = {
        beat: () => {
          const known = pulses.get(pulse);
          if (known) known.at = clock();
        },
        end: () => pulses.delete(pulse),
      };
      pulses.set(pulse, { loop, maxSilenceMs, at: clock() });
      return pulse;
    },
    need: (name, problem) => {
      if (problem) needs.set(name, problem);
      else needs.delete(name);
    },
    live: () =>
      [...pulses.values()].flatMap(({ loop, maxSilenceMs, at }) => {
        const silentMs = clock() - at;
        return silentMs > maxSilenceMs ? [`${loop} has stalled for ${Math.round(silentMs / 1_000)} s`] : [];
      }),
    ready: () =>
      needs.size === 0 ? ["the agent is starting"] : [...needs.values()].flatMap((problem) => problem() ?? []),
  };
}
