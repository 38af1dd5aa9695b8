import { describe, expect, it } from "vitest";
import { sleep } from "#cluster/system/retry.ts";
import type { DesiredBox } from "#schema/contracts/fleet.ts";
import type { StateOrder, TransferState } from "#schema/contracts/state-transfer.ts";
import { LeaseLost } from "../../lease.ts";
import { sampleBox } from "../../testing/sample-box.ts";
import { carryOutOrder } from "./carry-out-order.ts";

const ORDER: StateOrder = {
  kind: "backup",
  order_id: "5b4f2a6e-06d6-4a5c-8f0e-6d1f8f6b1c01",
  fence: 3,
  backup_id: "0d6e7f1c-8a55-4a6f-9d57-2f5b1a1f3c11",
  url: "https://edge.example/fleet/transfers/5b4f2a6e-06d6-4a5c-8f0e-6d1f8f6b1c01",
  token: "3.mac",
  key: "key",
  timeout_seconds: 600,
  required: false,
  manifest: null,
};
const FAILED: TransferState = { state: "failed", reason: "its part 1 is not what was stored", retryable: false };

/** A driver that records its calls, and an edge that answers one state after the other. */
function world(states: TransferState[], change: Partial<StateOrder> = {}, reconcile = async (_: AbortSignal) => {}) {
  const order = { ...ORDER, ...change };
  const seen: (string | null)[] = [];
  const lease = new AbortController();
  const run = () =>
    carryOutOrder(
      {
        driver: {
          reconcile: async (box: DesiredBox, guard) => {
            guard.check();
            seen.push(box.order?.order_id ?? null);
            await reconcile(guard.signal);
          },
          observe: async () => [],
          stop: async () => {},
        },
        edge: { transfer: async () => states.shift() ?? { state: "pending" } },
        job: { job_id: "j", fence: 3 },
        desired: { ...sampleBox(), order },
        guard: { signal: lease.signal, check: () => lease.signal.throwIfAborted() },
        report: async () => {},
        lookEveryMs: 1,
      },
      order,
    );
  return { run, seen, lease };
}

describe("an order", () => {
  it("is there until the box is through with it, and then taken away", async () => {
    const { run, seen } = world([{ state: "pending" }, { state: "pending" }, { state: "succeeded" }]);
    await run();
    expect(seen).toEqual([ORDER.order_id, null]);
  });

  it("that fails ends the job with the box's own words, and is taken away, too", async () => {
    const { run, seen } = world([FAILED]);
    await expect(run()).rejects.toMatchObject({
      failure: {
        code: "backup",
        message: "The memory could not be backed up: its part 1 is not what was stored",
        retryable: false,
      },
    });
    expect(seen).toEqual([ORDER.order_id, null]);
  });

  it("without which the box may not start stays when it fails", async () => {
    const { run, seen } = world([FAILED], { kind: "restore", required: true });
    await expect(run()).rejects.toThrow("The backup could not be restored: its part 1 is not what was stored");
    expect(seen).toEqual([ORDER.order_id]);
  });

  it("whose box can't be reconciled fails at once, whatever the transfer is at", async () => {
    let calls = 0;
    const { run } = world([], {}, async () => {
      if (calls++ === 0) throw new Error("image");
    });
    await expect(run()).rejects.toThrow("image");
  });

  it("that fails stops whoever still waits for the box, before anything else is done", async () => {
    const ended: string[] = [];
    const { run } = world([FAILED], { kind: "restore", required: true }, async (signal) => {
      await sleep(60_000, signal).catch(() => ended.push("stopped"));
    });
    await expect(run()).rejects.toThrow("could not be restored");
    expect(ended).toEqual(["stopped"]);
  });

  it("of a job that was lost is left alone", async () => {
    const { run, seen, lease } = world([]);
    const running = run();
    lease.abort(new LeaseLost("a newer holder"));
    await expect(running).rejects.toBeInstanceOf(LeaseLost);
    expect(seen.filter((order) => order === null)).toEqual([]);
  });
});
