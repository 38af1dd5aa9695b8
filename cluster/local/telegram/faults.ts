import { ApiError, tooMany } from "./api-error.ts";

/** Makes calls of bots fail. Without `method` or `bot` (a username) any is hit. */
export interface Fault {
  method?: string;
  bot?: string;
  code: number;
  description?: string;
  /** Seconds, with 429. */
  retryAfter?: number;
  /** How many calls it hits. Default 1. */
  times?: number;
}

export interface Faults {
  add(fault: Fault): void;
  clear(): void;
  /** @throws ApiError if a fault is waiting for this call. */
  check(method: string, bot: string): void;
}

export function createFaults(): Faults {
  let planned: (Fault & { left: number })[] = [];
  return {
    add(fault) {
      planned.push({ ...fault, left: fault.times ?? 1 });
    },
    clear() {
      planned = [];
    },
    check(method, bot) {
      const hit = planned.find((fault) => matches(fault.method, method) && matches(fault.bot, bot));
      if (!hit) return;
      hit.left--;
      planned = planned.filter(({ left }) => left > 0);
      if (hit.code === 429) throw tooMany(hit.retryAfter ?? 1);
      throw new ApiError(hit.code, hit.description ?? "Internal Server Error");
    },
  };
}

const matches = (wanted: string | undefined, got: string): boolean =>
  wanted === undefined || wanted.toLowerCase() === got.toLowerCase();
