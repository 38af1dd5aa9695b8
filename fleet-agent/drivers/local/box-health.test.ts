import { describe, expect, it } from "vitest";
import { judgeHealth, type Readiness } from "./box-health.ts";
import { troubleOf } from "./wait-until-ready.ts";

const readiness = (more: Partial<Readiness> = {}): Readiness => ({
  ok: false,
  reason: "the gateway is starting",
  generation: 1,
  config_problem: null,
  gateway_restarts: 0,
  ...more,
});
const process = (crashes = 0, lastExit?: string) => ({ crashes: () => crashes, lastExit: () => lastExit });

describe("judgeHealth", () => {
  it("is unknown until a box was ready once, and unhealthy with the reason when it isn't any more", () => {
    expect(judgeHealth(undefined, process(), false).health).toBe("unknown");
    expect(judgeHealth(readiness(), process(), false).health).toBe("unknown");
    expect(judgeHealth(readiness({ ok: true }), process(3), false)).toEqual({ health: "healthy", reason: null });
    const failing = readiness({ reason: "not working: telegram" });
    expect(judgeHealth(failing, process(), true)).toEqual({ health: "unhealthy", reason: "not working: telegram" });
    expect(judgeHealth(undefined, process(), true).health).toBe("unhealthy");
  });

  it("counts the ends of the supervisor and of the gateway under it", () => {
    expect(judgeHealth(undefined, process(1, "exited with 3"), false)).toEqual({
      health: "unhealthy",
      reason: "the gateway exited 1 times (exited with 3)",
    });
    expect(judgeHealth(readiness({ gateway_restarts: 2 }), process(), false).reason).toContain("2 times");
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
