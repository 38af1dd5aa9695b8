import { describe, expect, it } from "vitest";
import type { GatewayImage, Rollout } from "#schema/contracts/rollouts.ts";
import { imageTable, rolloutTable, rolloutText } from "./rollout-text.ts";

const image = (name: string): GatewayImage => ({
  id: crypto.randomUUID(),
  reference: `registry.example/${name}@sha256:1`,
  openclaw_version: "2026.10.0",
  state_note: "sessions move to a new table",
  notes: null,
  created_by: "operator:test",
  created_at: "2026-11-23T12:00:00.000Z",
});

const wave = { moved: 0, moving: 0, settled: 0, failed: 0, unhealthy: 0, restored: 0 };

const rollout = (more: Partial<Rollout> = {}): Rollout => ({
  id: "0d6e7f1c-8a55-4a6f-9d57-2f5b1a1f3c11",
  cluster_id: "hel1",
  from_image: null,
  to_image: image("gateway"),
  status: "running",
  shares: [5, 100],
  wave: 0,
  wave_done_at: null,
  soak_seconds: 900,
  max_concurrent: 10,
  max_failed: 0,
  max_unhealthy_percent: 5,
  reason: null,
  stopped_by: null,
  notes: null,
  created_by: "operator:test",
  created_at: "2026-11-23T12:00:00.000Z",
  finished_at: null,
  waves: [
    { ...wave, share: 5, moved: 2, moving: 1, settled: 1 },
    { ...wave, share: 100 },
  ],
  boxes: { all: 40, running: 38, on_new: 2, on_old: 38, unhealthy_on_new: 0, unhealthy_on_old: 1, unhealthy_before: 1 },
  next: "1 being updated, 0 to follow in this wave",
  ...more,
});

describe("a rollout", () => {
  it("shows its images, what it does now, and each wave", () => {
    const text = rolloutText(rollout());
    expect(text).toContain("the agent's own setting");
    expect(text).toContain("registry.example/gateway@sha256:1 (OpenClaw 2026.10.0)");
    expect(text).toContain("sessions move to a new table");
    expect(text).toMatch(/now +1 being updated/);
    expect(text).toMatch(/wave +1 of 2, to 5 %/);
    expect(text).toMatch(/^5 % +2 +1 +1 +0 +0 +0$/m);
  });

  it("that is over tells why, and nothing of what it would do", () => {
    const over = rollout({
      status: "rolled_back",
      reason: "2 of 2 boxes are unhealthy",
      stopped_by: "system",
      finished_at: "2026-11-23T13:00:00.000Z",
    });
    const text = rolloutText(over);
    expect(text).toContain("2 of 2 boxes are unhealthy");
    expect(text).not.toContain("being updated");
    expect(rolloutTable([over])).toContain("rolled_back");
  });
});

it("says what to do where there is nothing to show", () => {
  expect(imageTable({ images: [] })).toContain("fleet rollout register");
});
