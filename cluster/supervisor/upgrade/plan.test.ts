import { describe, expect, test } from "vitest";
import { planStart } from "./plan.ts";

const record = (version: string, kept: Record<string, string | null> = {}) => ({ version, kept });

describe("before OpenClaw starts", () => {
  test("the same version takes its state as it is", () => {
    expect(planStart("2026.9.6", record("2026.9.6"), null)).toEqual({ do: "nothing" });
  });

  test("a newer one migrates it, so it is kept first; so it is before one of the same numbers with another suffix", () => {
    expect(planStart("2026.10.0", record("2026.9.6"), null)).toEqual({ do: "keep", as: "2026.9.6" });
    expect(planStart("2026.9.6-2", record("2026.9.6"), null)).toEqual({ do: "keep", as: "2026.9.6" });
  });

  test("an older one gets the newest copy that it can read", () => {
    const kept = { "2026.8.1": null, "2026.9.6": null, "2026.10.0": null };
    expect(planStart("2026.9.6", record("2026.11.1", kept), null)).toEqual({ do: "go back", copy: "2026.9.6" });
    expect(planStart("2026.9.9", record("2026.11.1", kept), null)).toEqual({ do: "go back", copy: "2026.9.6" });
  });

  test("an older one without a copy does not start: it would fail, or ruin what it can't read", () => {
    const refused = planStart("2026.9.6", record("2026.11.1", { "2026.10.0": null }), null);
    expect(refused).toEqual({
      do: "refuse",
      why: "OpenClaw 2026.11.1 wrote this box's memory, and 2026.9.6 can't read it: there is no earlier copy. Give the box the newer image again, or restore a backup that the older one made",
    });
  });

  test("nor with a copy of what the box remembered before a backup was put back", () => {
    const kept = { "2026.9.6": "restore-1" };
    expect(planStart("2026.9.6", record("2026.10.0", kept), "restore-1")).toMatchObject({ do: "go back" });
    expect(planStart("2026.9.6", record("2026.10.0", kept), "restore-2")).toMatchObject({
      do: "refuse",
      why: expect.stringContaining("a backup was restored since"),
    });
  });
});
