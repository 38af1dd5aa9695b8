import { describe, expect, it } from "vitest";
import { createBreaker } from "./breaker.ts";

const options = { failures: 3, openMs: 1_000, longestMs: 3_000 };
const failing = (times: number, at = 0) => {
  const breaker = createBreaker(options);
  for (let i = 0; i < times; i++) breaker.note(false, at);
  return breaker;
};

describe("a breaker", () => {
  it("lets everything through until so many failures in a row", () => {
    expect(failing(2).wait(0)).toBe(0);
    const breaker = failing(2);
    breaker.note(true, 0);
    breaker.note(false, 0);
    breaker.note(false, 0);
    expect(breaker.wait(0)).toBe(0);
  });

  it("then nothing for a while, and says how long", () => {
    const breaker = failing(3);
    expect(breaker.wait(0)).toBe(1_000);
    expect(breaker.wait(900)).toBe(100);
  });

  it("then one look at a time", () => {
    const breaker = failing(3);
    expect(breaker.wait(1_000)).toBe(0);
    expect(breaker.wait(1_000)).toBeGreaterThan(0);
    breaker.note(true, 1_100);
    expect([breaker.wait(1_100), breaker.wait(1_100)]).toEqual([0, 0]);
  });

  it("waits longer after each look in vain, but not for ever", () => {
    const breaker = failing(3);
    const waits: number[] = [];
    for (let now = 0, i = 0; i < 4; i++) {
      now += breaker.wait(now);
      expect(breaker.wait(now)).toBe(0);
      breaker.note(false, now);
      waits.push(breaker.wait(now));
    }
    expect(waits).toEqual([2_000, 3_000, 3_000, 3_000]);
  });

  it("learns nothing from requests that were under way when it opened, or that say nothing", () => {
    const breaker = failing(6);
    expect(breaker.wait(0)).toBe(1_000);
    expect(breaker.wait(1_000)).toBe(0);
    breaker.note(undefined, 1_000);
    expect(breaker.wait(1_000)).toBe(0);
  });
});
