import { describe, expect, test } from "vitest";
import { boxIdOf, namespaceOf, newId } from "./ids.ts";
import { retryDelayMs } from "./jobs.ts";
import {
  BACKUP_TRANSITIONS,
  BOX_TRANSITIONS,
  CONNECTION_TRANSITIONS,
  canMove,
  JOB_TRANSITIONS,
  ONBOARDING_TRANSITIONS,
  RESTORE_TRANSITIONS,
  STATUS_WHEN,
  STATUS_WHILE,
  TOKEN_TRANSITIONS,
} from "./states.ts";
import { TIER_IDS, TIERS } from "./tiers.ts";

const machines = {
  BOX_TRANSITIONS,
  JOB_TRANSITIONS,
  TOKEN_TRANSITIONS,
  ONBOARDING_TRANSITIONS,
  CONNECTION_TRANSITIONS,
  BACKUP_TRANSITIONS,
  RESTORE_TRANSITIONS,
};

/** All states that can be reached from `start`. */
function reachable(table: Readonly<Record<string, readonly string[]>>, start: string): Set<string> {
  const seen = new Set([start]);
  for (const state of seen) for (const next of table[state] ?? []) seen.add(next);
  return seen;
}

describe.each(Object.entries(machines))("%s", (_, table: Readonly<Record<string, readonly string[]>>) => {
  test("reaches every state from the first, and repeats no edge", () => {
    const states = Object.keys(table);
    expect(reachable(table, states[0] ?? "")).toEqual(new Set(states));
    for (const [from, to] of Object.entries(table)) expect(new Set(to).size, from).toBe(to.length);
  });
});

describe("boxes", () => {
  test("can be destroyed from every state but the last two, and never come back", () => {
    for (const [from, to] of Object.entries(BOX_TRANSITIONS)) {
      expect(
        to.some((state) => state === "destroying"),
        from,
      ).toBe(!["destroying", "destroyed"].includes(from));
    }
    expect(BOX_TRANSITIONS.destroyed).toEqual([]);
    expect(canMove(BOX_TRANSITIONS, "destroyed", "active")).toBe(false);
  });

  test("every status that a job brings can end where its desired state says", () => {
    expect(canMove(BOX_TRANSITIONS, STATUS_WHILE.provision, STATUS_WHEN.active)).toBe(true);
    expect(canMove(BOX_TRANSITIONS, STATUS_WHILE.suspend, STATUS_WHEN.suspended)).toBe(true);
    expect(canMove(BOX_TRANSITIONS, STATUS_WHILE.reactivate, STATUS_WHEN.active)).toBe(true);
    expect(canMove(BOX_TRANSITIONS, STATUS_WHILE.destroy, STATUS_WHEN.destroyed)).toBe(true);
    expect(canMove(BOX_TRANSITIONS, STATUS_WHILE.update, STATUS_WHEN.active)).toBe(true);
  });

  test("live in a namespace that names them and nobody else", () => {
    const id = newId();
    expect(boxIdOf(namespaceOf(id))).toBe(id);
    for (const name of [
      "kube-system",
      `customer-${id}x`,
      `customer-${id.toUpperCase()}`,
      "customer-../x",
      `x-customer-${id}`,
    ]) {
      expect(boxIdOf(name), name).toBeUndefined();
    }
    expect(namespaceOf(id).length).toBeLessThanOrEqual(63);
  });
});

describe("retries", () => {
  test("wait longer each time, and five minutes at most", () => {
    const waits = [1, 2, 3, 4, 5, 9].map(retryDelayMs);
    expect(waits).toEqual([2_000, 8_000, 32_000, 128_000, 300_000, 300_000]);
  });
});

describe("tiers", () => {
  test("cost more and give more from one to the next", () => {
    const tiers = TIER_IDS.map((id) => TIERS[id]);
    for (const [i, tier] of tiers.entries()) {
      const before = tiers[i - 1];
      if (!before) continue;
      expect(tier.priceCents).toBeGreaterThan(before.priceCents);
      expect(tier.monthlyTokens).toBeGreaterThan(before.monthlyTokens);
      expect(tier.connections).toBeGreaterThan(before.connections);
      expect(tier.memory.limitMi).toBeGreaterThanOrEqual(before.memory.limitMi);
    }
  });

  test("ask for no more than their limits, and for the memory that OpenClaw needs", () => {
    for (const tier of Object.values(TIERS)) {
      expect(tier.cpu.requestMilli).toBeLessThanOrEqual(tier.cpu.limitMilli);
      expect(tier.memory.requestMi).toBeLessThanOrEqual(tier.memory.limitMi);
      expect(tier.memory.limitMi).toBeGreaterThanOrEqual(1_536);
    }
  });
});
