/**
 * Flow control: at most `parallelism` deliveries of a key at once, and at most `rate` of them started per period;
 * what is over waits. The newest message's values count, unless they are pinned. Source: docs "flowcontrol".
 */
import type { Clock } from "./clock.ts";
import type { FlowControlValue } from "./message.ts";
import type { Table } from "./store.ts";

export interface FlowKey extends FlowControlValue {
  paused: boolean;
  pinnedParallelism: boolean;
  pinnedRate: boolean;
}

export type Admission = { admitted: true } | { admitted: false; tryAt?: number };

export interface FlowControl {
  /** Takes over what a newly accepted message says of its key. */
  configure(value: FlowControlValue): void;
  /** Counts a delivery that starts now, or says when it may be asked again (absent: when something changes). */
  admit(key: string): Admission;
  release(key: string): void;
  get(key: string): FlowKey | undefined;
  keys(): FlowKey[];
  usage(key: string): Usage;
  setPaused(key: string, paused: boolean): void;
  pin(key: string, values: Partial<FlowControlValue>): void;
  unpin(key: string, what: { parallelism: boolean; rate: boolean }): void;
  resetRate(key: string): void;
}

/** Deliveries under way, and those started since `periodStart` (ms since the epoch). */
export interface Usage {
  running: number;
  started: number;
  periodStart: number;
}

export function createFlowControl(table: Table<FlowKey>, clock: Clock, timeScale = 1): FlowControl {
  const usages = new Map<string, Usage>();
  const periodOf = (flow: FlowKey) => flow.periodSeconds * 1_000 * timeScale;

  function usage(key: string): Usage {
    const found = usages.get(key) ?? { running: 0, started: 0, periodStart: clock.now() };
    const flow = table.get(key);
    if (flow && clock.now() >= found.periodStart + periodOf(flow)) {
      found.started = 0;
      found.periodStart = clock.now();
    }
    usages.set(key, found);
    return found;
  }

  function change(key: string, values: Partial<FlowKey>): void {
    table.set(key, { ...(table.get(key) ?? newKey(key)), ...values, key });
  }

  function restart(key: string): void {
    Object.assign(usage(key), { started: 0, periodStart: clock.now() });
  }

  return {
    configure(value) {
      const known = table.get(value.key) ?? newKey(value.key);
      const { parallelism, rate, periodSeconds } = value;
      change(value.key, {
        ...(!known.pinnedParallelism && { parallelism }),
        ...(!known.pinnedRate && { rate, periodSeconds }),
      });
    },
    admit(key) {
      const flow = table.get(key);
      const used = usage(key);
      if (flow?.paused) return { admitted: false };
      if (flow?.parallelism !== undefined && used.running >= flow.parallelism) return { admitted: false };
      if (flow?.rate !== undefined && used.started >= flow.rate) {
        return { admitted: false, tryAt: used.periodStart + periodOf(flow) };
      }
      used.running += 1;
      used.started += 1;
      return { admitted: true };
    },
    release(key) {
      usage(key).running -= 1;
    },
    get: (key) => table.get(key),
    keys: () => [...table.values()],
    usage,
    setPaused: (key, paused) => change(key, { paused }),
    pin(key, values) {
      change(key, {
        ...(values.parallelism !== undefined && { parallelism: values.parallelism, pinnedParallelism: true }),
        ...(values.rate !== undefined && {
          rate: values.rate,
          periodSeconds: values.periodSeconds ?? 1,
          pinnedRate: true,
        }),
      });
      restart(key);
    },
    unpin(key, what) {
      change(key, { ...(what.parallelism && { pinnedParallelism: false }), ...(what.rate && { pinnedRate: false }) });
    },
    resetRate: restart,
  };
}

const newKey = (key: string): FlowKey => ({
  key,
  periodSeconds: 1,
  paused: false,
  pinnedParallelism: false,
  pinnedRate: false,
});
