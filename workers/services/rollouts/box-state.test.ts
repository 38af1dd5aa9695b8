import { describe, expect, test } from "vitest";
import { type BoxRow, toBoxState } from "./box-state.ts";

const row = (more: Partial<BoxRow> = {}): BoxRow => ({
  id: "b1",
  status: "active",
  desired_status: "active",
  health: "healthy",
  status_reason: null,
  first: false,
  older: true,
  on_new: false,
  jobs: 0,
  failed_attempts: 0,
  error_code: null,
  error_message: null,
  wave: null,
  was_well: null,
  restored: false,
  reached: null,
  passing: null,
  restarted: null,
  ...more,
});
const moved = (more: Partial<BoxRow> = {}) =>
  row({ on_new: true, wave: 0, was_well: true, reached: false, jobs: 1, ...more });
const stateOf = (more: Partial<BoxRow>) => toBoxState(moved(more)).move?.state;

describe("a box", () => {
  test("can be moved unless it is being made, or has work of its own", () => {
    expect(toBoxState(row()).movable).toBe(true);
    expect(toBoxState(row({ status: "suspended", desired_status: "suspended" }))).toMatchObject({
      movable: true,
      runs: false,
    });
    expect(toBoxState(row({ status: "provisioning" })).movable).toBe(false);
    expect(toBoxState(row({ jobs: 1 })).movable).toBe(false);
  });

  test("that had failed before says nothing of an image; one that failed after its move does", () => {
    expect(toBoxState(row({ status: "failed" }))).toMatchObject({ runs: false, well: false });
    expect(toBoxState(moved({ status: "failed", jobs: 0 }))).toMatchObject({ runs: true, well: false });
  });

  test("that was restarted for its health since the move is not well, whatever it says now", () => {
    expect(toBoxState(moved({ restarted: true }))).toMatchObject({ well: false, passing: false });
    expect(toBoxState(moved({ health: "unhealthy", passing: true }))).toMatchObject({ well: false, passing: true });
  });
});

describe("a move", () => {
  test("is through when its generation was applied, and has failed when no job is left that could", () => {
    expect(stateOf({})).toBe("moving");
    expect(stateOf({ reached: true, jobs: 1 })).toBe("settled");
    expect(stateOf({ jobs: 0 })).toBe("failed");
  });

  test("has failed at the first attempt for what the image is to blame for, at the second for anything else but the agent", () => {
    for (const error_code of ["image", "crash_loop", "timeout", "forbidden"])
      expect(stateOf({ error_code, failed_attempts: 1 }), error_code).toBe("failed");
    expect(stateOf({ error_code: "internal", failed_attempts: 1 })).toBe("moving");
    expect(stateOf({ error_code: "internal", failed_attempts: 2 })).toBe("failed");
    expect(stateOf({ error_code: "lease_expired", failed_attempts: 4 })).toBe("moving");
  });
});
