import { describe, expect, it } from "vitest";
import { RESTARTED } from "#schema/domain/reasons/catalogue.ts";
import type { Readiness } from "../readiness.ts";
import { judgeHealth } from "./box-health.ts";
import { troubleOf } from "./wait-until-ready.ts";

const readiness = (more: Partial<Readiness> = {}): Readiness => ({
  ok: false,
  reason: "the gateway is starting",
  code: null,
  generation: 1,
  config_problem: null,
  gateway_restarts: 0,
  gateway: "starting",
  ...more,
});
const process = (crashes = 0, lastExit?: string, restarts = crashes) => ({
  crashes: () => crashes,
  restarts: () => restarts,
  lastExit: () => lastExit,
});

describe("judgeHealth", () => {
  it("is unknown until a box was ready once, and unhealthy with the reason when it isn't any more", () => {
    expect(judgeHealth(undefined, process(), false).health).toBe("unknown");
    expect(judgeHealth(readiness(), process(), false).health).toBe("unknown");
    expect(judgeHealth(readiness({ ok: true }), process(3), false)).toEqual({
      health: "healthy",
      code: null,
      reason: null,
      restarts: 3,
    });
    const failing = readiness({ reason: "not working: telegram" });
    expect(judgeHealth(failing, process(), true)).toEqual({
      health: "unhealthy",
      code: "not_ready",
      reason: "not working: telegram",
      restarts: 0,
    });
    expect(judgeHealth(undefined, process(), true).health).toBe("unhealthy");
  });

  it("counts the ends of the supervisor and of the gateway under it", () => {
    expect(judgeHealth(undefined, process(1, "exited with 3"), false)).toEqual({
      health: "unhealthy",
      code: "crash_loop",
      reason: "the gateway exited 1 times (exited with 3)",
      restarts: 1,
    });
    expect(judgeHealth(readiness({ gateway_restarts: 2 }), process(), false).reason).toContain("2 times");
  });
});

describe("what the supervisor names", () => {
  it.each(["bot_token_refused", "bot_polled_elsewhere", "telegram_unreachable", "state_damaged"])(
    "is the code: %s",
    (code) => {
      const told = readiness({ gateway: "up", code, reason: "in words" });
      expect(judgeHealth(told, process(), false)).toMatchObject({ health: "unhealthy", code, reason: "in words" });
    },
  );

  it("is the code also when it has ended, until the gateway is up again", () => {
    const left = process(1, "state_damaged: the gateway keeps exiting: damaged");
    expect(judgeHealth(undefined, left, true)).toMatchObject({
      code: "state_damaged",
      reason: "the gateway exited 1 times (the gateway keeps exiting: damaged)",
    });
    const up = readiness({ gateway: "up", reason: "the Telegram channel is changing" });
    expect(judgeHealth(up, left, true)).toMatchObject({ code: "not_ready" });
  });

  it("is this machine's disk where it names a full volume", () => {
    const full = readiness({ code: "volume_full", reason: "ENOSPC" });
    expect(judgeHealth(full, process(), false)).toMatchObject({ code: "disk_full" });
  });
});

describe("codes, as a pod's", () => {
  const failing = readiness({ gateway: "up", reason: "not working: telegram", gateway_restarts: 2 });

  it("calls a gateway that is up and not ready not_ready, also where this agent has never seen it ready", () => {
    expect(judgeHealth(failing, process(0, undefined, 5), false)).toEqual({
      health: "unhealthy",
      code: "not_ready",
      reason: "not working: telegram",
      restarts: 5,
    });
  });

  it("calls one that keeps ending crash_loop, also where it was ready before", () => {
    expect(judgeHealth({ ...failing, gateway: "down" }, process(1), true)).toMatchObject({ code: "crash_loop" });
    expect(judgeHealth(undefined, process(2), true)).toMatchObject({ code: "crash_loop", restarts: 2 });
  });

  it("are all such that an automatic restart may mend", () => {
    const codes = [judgeHealth(failing, process(), false), judgeHealth(undefined, process(1), false)].map(
      ({ code }) => code,
    );
    expect(codes.every((code) => code && RESTARTED.includes(code))).toBe(true);
  });
});

describe("troubleOf", () => {
  const seen = { crashes: 0, waitedMs: 60_000, code: null, troubledMs: 0 };
  const starting = { code: null, words: "it starts" };

  it("waits for a box that starts, and through two crashes", () => {
    expect(troubleOf(seen, starting)).toBeUndefined();
    expect(troubleOf({ ...seen, crashes: 2 }, starting)).toBeUndefined();
  });

  it("calls three a loop", () => {
    const trouble = troubleOf({ ...seen, crashes: 3 }, { code: null, words: "ended by SIGABRT" });
    expect(trouble).toMatchObject({ code: "crash_loop", message: expect.stringContaining("SIGABRT") });
  });

  it("names what the supervisor named, and this machine's disk where that is full", () => {
    const why = { code: "state_damaged", words: "a database of its memory is damaged" } as const;
    expect(troubleOf({ ...seen, crashes: 3 }, why)).toMatchObject({ code: "state_damaged" });
    const problem = "box.json can't be applied: ENOSPC: no space left on device, write";
    expect(troubleOf({ ...seen, problem }, starting)).toMatchObject({ code: "disk_full" });
  });

  it("ends a wait for a bot that is refused within seconds, and gives an outage of Telegram a minute", () => {
    const wait = (code: "bot_token_refused" | "telegram_unreachable" | "not_ready", troubledMs: number) =>
      troubleOf({ ...seen, code, troubledMs }, { code, words: "in words" })?.code;
    expect([wait("bot_token_refused", 9_000), wait("bot_token_refused", 11_000)]).toEqual([
      undefined,
      "bot_token_refused",
    ]);
    expect([wait("telegram_unreachable", 59_000), wait("telegram_unreachable", 61_000)]).toEqual([
      undefined,
      "telegram_unreachable",
    ]);
    expect(wait("not_ready", 300_000)).toBeUndefined();
  });

  it("passes on why a configuration is refused, once that can't be about the one before", () => {
    expect(troubleOf({ ...seen, problem: "no model" }, starting)?.message).toContain("no model");
    expect(troubleOf({ ...seen, problem: "no model", waitedMs: 5_000 }, starting)).toBeUndefined();
  });
});
