import { describe, expect, it } from "vitest";
import { RESTARTED } from "#schema/domain/reasons/catalogue.ts";
import { judgeHealth, type Readiness } from "./box-health.ts";
import { troubleOf } from "./wait-until-ready.ts";

const readiness = (more: Partial<Readiness> = {}): Readiness => ({
  ok: false,
  reason: "the gateway is starting",
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
  const seen = { crashes: 0, waitedMs: 60_000 };

  it("waits for a box that starts, and through two crashes", () => {
    expect(troubleOf(seen, "")).toBeUndefined();
    expect(troubleOf({ ...seen, crashes: 2 }, "")).toBeUndefined();
  });

  it("calls three a loop", () => {
    const trouble = troubleOf({ ...seen, crashes: 3 }, "ended by SIGKILL");
    expect(trouble).toMatchObject({ code: "crash_loop", message: expect.stringContaining("SIGKILL") });
  });

  it("passes on why a configuration is refused, once that can't be about the one before", () => {
    expect(troubleOf({ ...seen, problem: "no model" }, "")?.message).toContain("no model");
    expect(troubleOf({ ...seen, problem: "no model", waitedMs: 5_000 }, "")).toBeUndefined();
  });
});
