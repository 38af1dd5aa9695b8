import { describe, expect, it } from "vitest";
import { sampleAnsweredBox, sampleCluster } from "../../../testing/sample-answers.ts";
import { statusText } from "./status.ts";
import { warnings } from "./warnings.ts";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const at = (secondsAgo: number) => new Date(NOW - secondsAgo * 1_000).toISOString();

describe("what is not as it should be", () => {
  const of = (more: Parameters<typeof sampleCluster>[1]) => warnings(sampleCluster(NOW, more), NOW).join("\n");

  it("is nothing in a cluster at work", () => {
    expect(of({ jobs: { queued: 3, running: 4, oldest_queued_at: at(20) } })).toBe("");
  });

  it.each([
    [{ agents: [] }, "no fleet-agent is connected"],
    [{ agents: null }, "its mailbox does not answer"],
    [{ last_seen_at: at(120) }, "have stopped reporting on their boxes"],
    [{ last_seen_at: null }, "have stopped reporting on their boxes"],
    [{ jobs: { queued: 1, running: 0, oldest_queued_at: at(300) } }, "a job has been waiting for 5m"],
    [{ paused_since: at(60), accepts_boxes: false }, "drained since"],
    [{ accepts_boxes: false }, "takes no new boxes"],
    [{ boxes: { failed: 2 } as never }, "2 failed"],
  ])("%j", (more, words) => expect(of(more)).toContain(words));

  it("waits in a drained cluster by intention", () => {
    expect(of({ paused_since: at(600), jobs: { queued: 9, running: 0, oldest_queued_at: at(600) } })).not.toContain(
      "a job has been waiting",
    );
  });
});

describe("fleet status", () => {
  it("counts boxes that are not destroyed", () => {
    const text = statusText([sampleCluster(NOW, { boxes: { active: 3, failed: 1, destroyed: 9 } as never })], NOW);
    expect(text).toContain("boxes: 3 active, 1 failed");
    expect(text.split("\n")[1]).toMatch(/^hel1 +1 +10s +4 /);
  });

  it("says when all is well, and when there is no cluster", () => {
    expect(statusText([sampleCluster(NOW)], NOW)).toContain("Everything is as it should be.");
    expect(statusText([])).toContain("There is no cluster yet");
  });

  it("shows every box that is unwell, with its code and since when, and is not content beside it", () => {
    const unhealthy = { health: "unhealthy", health_code: "crash_loop", unhealthy_since: at(420) } as const;
    const boxes = [
      sampleAnsweredBox({
        ...unhealthy,
        telegram_bot_username: "ill_bot",
        status_reason: "ends again and\u001b[2J again",
      }),
      sampleAnsweredBox({ status: "failed", telegram_bot_username: "lost_bot", status_reason: "no room" }),
    ];
    const text = statusText([{ ...sampleCluster(NOW), unwell: { boxes, more: true } }], NOW);
    expect(text).toMatch(/hel1: @ill_bot \([0-9a-f]{8}\) is unhealthy \(crash_loop\) for 7m: ends again and/);
    expect(text).toMatch(/hel1: @lost_bot \([0-9a-f]{8}\) has failed: no room/);
    expect(text).toContain("more boxes are unwell");
    expect(text).not.toContain("Everything is as it should be.");
    expect(text).not.toContain("\u001b");
  });

  it("is not content where models don't answer", () => {
    const text = (state: "ok" | "fail") => statusText([sampleCluster(NOW)], NOW, { state, words: "9 of 9 failed" });
    expect(text("fail")).toContain("models: 9 of 9 failed");
    expect(text("fail")).not.toContain("Everything is as it should be.");
    expect(text("ok")).toContain("Everything is as it should be.");
  });

  it("shows the warm pool where there is one, and deletions that are held back", () => {
    const cost = { cpu_milli: 0, memory_mi: 0, volume_gi: 0 };
    const tier = { tier: "starter" as const, size: 4, ready: 3, starting: 0, failed: 1, leaving: 0 };
    const tiers = [{ ...tier, hits: 97, misses: 3, hit_rate: 0.97, cost, boxes: [] }];
    const pool = { cluster_id: "hel1", window_days: 7, tiers, cost };
    const brake = { since: at(60), boxes: ["a", "b"], of: 9 };
    const comparison = { cluster_id: "hel1", asked_at: null, compared_at: at(60), found: null, brake };
    const text = statusText([{ ...sampleCluster(NOW), pool, comparison }], NOW);
    expect(text).toContain("warm pool of hel1: starter 3 of 4 ready, 1 failed, 97 % hits");
    expect(text).toContain("fleet reconcile hel1 --remove 2");
  });
});
