import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LEASE_MARGIN_MS, LEASE_MS } from "#schema/domain/jobs.ts";
import { Lease, LeaseLost } from "./lease.ts";

const USABLE_MS = LEASE_MS - LEASE_MARGIN_MS;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("permits nothing before the first heartbeat was accepted", () => {
  expect(() => new Lease(() => 0).check()).toThrow(LeaseLost);
});

it("counts from the sending of the heartbeat and stops ten seconds before the end", () => {
  let now = 1_000;
  const lease = new Lease(() => now);
  lease.renew(now);
  now += USABLE_MS - 1;
  expect(() => lease.check()).not.toThrow();
  now += 1;
  expect(() => lease.check()).toThrow(LeaseLost);
});

it("stays lost once it was lost, whatever heartbeat comes late", () => {
  let now = 0;
  const lease = new Lease(() => now);
  lease.renew(now);
  now = USABLE_MS;
  expect(() => lease.check()).toThrow(LeaseLost);
  lease.renew(now);
  expect(() => lease.check()).toThrow(LeaseLost);
});

it("aborts what waits when the time is up, though nobody checks", () => {
  const lease = new Lease();
  lease.renew(performance.now());
  vi.advanceTimersByTime(USABLE_MS - 1);
  expect(lease.signal.aborted).toBe(false);
  vi.advanceTimersByTime(2);
  expect(lease.signal.reason).toBeInstanceOf(LeaseLost);
});

it("is not shortened by an answer that overtook a later one", () => {
  let now = 50_000;
  const lease = new Lease(() => now);
  lease.renew(50_000);
  lease.renew(20_000);
  now = 50_000 + USABLE_MS - 1;
  expect(() => lease.check()).not.toThrow();
});

it("permits nothing once the process no longer leads, however long the job's own lease", () => {
  let leads = true;
  const lease = new Lease(
    () => 0,
    () => leads,
  );
  lease.renew(0);
  expect(() => lease.check()).not.toThrow();
  leads = false;
  expect(() => lease.check()).toThrow("no longer leads");
  expect(lease.signal.aborted).toBe(true);
});
