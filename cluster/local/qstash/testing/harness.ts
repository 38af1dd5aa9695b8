import { afterEach, beforeEach, vi } from "vitest";
import { type ManualClock, manualClock } from "../clock.ts";
import type { QStashOptions } from "../qstash.ts";
import { type Destination, startDestination } from "./destination.ts";
import { type Running, startQStash } from "./running.ts";

export interface Harness {
  qstash: Running;
  destination: Destination;
  clock: ManualClock;
  /** Moves the time, and waits until all that fell due is through. */
  pass(ms: number): Promise<void>;
}

/** A fresh stand-in on a clock that stands still, and a destination, for every test of the file. */
export function setUpQStash(options: Partial<QStashOptions> = {}): Harness {
  const harness = {} as Harness;
  beforeEach(async () => {
    const clock = manualClock(Date.UTC(2026, 0, 1));
    const [qstash, destination] = await Promise.all([startQStash({ clock, ...options }), startDestination()]);
    const pass = async (ms: number) => {
      clock.advance(ms);
      await qstash.idle();
    };
    Object.assign(harness, { qstash, destination, clock, pass });
  });
  afterEach(async () => {
    await harness.qstash.close();
    await harness.destination.close();
  });
  return harness;
}

/** The promise's error, as the SDK throws it (and complains on the console) for answers that are no success. */
export async function errorOf(promise: Promise<unknown>): Promise<{ status: number; message: string }> {
  const silenced = vi.spyOn(console, "error").mockImplementation(() => {});
  try {
    await promise;
  } catch (error) {
    return error as { status: number; message: string };
  } finally {
    silenced.mockRestore();
  }
  throw new Error("expected an error, got an answer");
}
