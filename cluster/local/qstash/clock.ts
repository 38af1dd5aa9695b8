/** Time as the stand-in sees it: injected, so that a backoff of six hours is tested without waiting. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `task` after `ms`; the returned function calls it off. */
  after(ms: number, task: () => void): () => void;
}

/** Node's timers hold at most this; a longer wait fires early, finds nothing due, and is armed again. */
const LONGEST_TIMER = 2 ** 31 - 1;

export function systemClock(now: () => number = Date.now): Clock {
  return {
    now,
    after(ms, task) {
      const timer = setTimeout(task, Math.min(Math.max(ms, 0), LONGEST_TIMER));
      return () => clearTimeout(timer);
    },
  };
}

export interface ManualClock extends Clock {
  /** Moves the time forward, running every task that falls due on the way, in order. */
  advance(ms: number): void;
}

/** A clock that stands still until it is told to move. */
export function manualClock(start = Date.UTC(2026, 0, 1)): ManualClock {
  let time = start;
  const tasks = new Set<{ at: number; task: () => void }>();
  return {
    now: () => time,
    after(ms, task) {
      const entry = { at: time + Math.max(ms, 0), task };
      tasks.add(entry);
      return () => void tasks.delete(entry);
    },
    advance(ms) {
      const end = time + ms;
      for (let next = earliest(tasks, end); next; next = earliest(tasks, end)) {
        tasks.delete(next);
        time = Math.max(time, next.at);
        next.task();
      }
      time = end;
    },
  };
}

function earliest<T extends { at: number }>(tasks: Set<T>, end: number): T | undefined {
  let found: T | undefined;
  for (const entry of tasks) if (entry.at <= end && (!found || entry.at < found.at)) found = entry;
  return found;
}
