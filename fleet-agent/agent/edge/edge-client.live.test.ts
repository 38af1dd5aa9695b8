import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EdgeError } from "#cluster/system/call-edge.ts";
import { newId } from "#schema/domain/ids.ts";
import { LeaseLost } from "../../lease.ts";
import { type FakeEdge, grantBox, startFakeEdge } from "../../testing/fake-edge.ts";
import { sampleBox } from "../../testing/sample-box.ts";
import { createEdgeClient, type EdgeClient } from "./edge-client.ts";

let edge: FakeEdge;
let client: EdgeClient;
beforeEach(async () => {
  edge = await startFakeEdge();
  client = createEdgeClient({ edgeUrl: edge.url, sign: edge.sign });
});
afterEach(() => edge.close());

const job = () => ({ job_id: newId(), fence: 2 });
/** The first `times` calls get this answer. */
const first = (times: number, status: number, code: string, headers: Record<string, string> = {}) => {
  edge.answer = () => (edge.calls.length <= times ? { status, body: { code, detail: "words" }, headers } : undefined);
};

describe("the edge client", () => {
  it("fetches a box under its fence", async () => {
    const box = sampleBox();
    const { job_id } = grantBox(edge, box);
    await expect(client.box({ job_id, fence: 5 })).resolves.toEqual(box);
    expect(edge.calls[0]?.query.get("fence")).toBe("5");
  });

  it("signs every attempt anew: the edge takes an assertion once", async () => {
    first(2, 503, "upstream_unavailable");
    await client.complete(job(), { outcome: "succeeded", observed_generation: 1 });
    expect(edge.calls.length).toBe(3);
  });

  it("gives up after a bounded number of attempts, with the edge's code", async () => {
    first(99, 500, "internal");
    await expect(client.progress(job(), "s", "m")).rejects.toMatchObject({
      name: "EdgeError",
      status: 500,
      code: "internal",
    });
    expect(edge.calls.length).toBe(2);
  });

  it("never repeats what lost its lease, nor what is wrong", async () => {
    first(99, 409, "lease_lost");
    await expect(client.heartbeat(job())).rejects.toBeInstanceOf(LeaseLost);
    expect(edge.calls.length).toBe(1);
    first(99, 400, "invalid_request");
    await expect(client.heartbeat(job())).rejects.toBeInstanceOf(EdgeError);
    expect(edge.calls.length).toBe(2);
  });

  it("cuts steps to what the contract takes", async () => {
    await client.progress(job(), "s".repeat(99), "m".repeat(999));
    expect(edge.calls[0]?.body).toMatchObject({ step: "s".repeat(64), message: "m".repeat(500) });
  });

  it("takes an edge of the version before, which answers nothing to a health report", async () => {
    edge.answer = () => ({ status: 204 });
    await expect(client.health({ boxes: [] })).resolves.toEqual({ compare_asked_at: null });
  });

  it("refuses an answer that is not a box", async () => {
    edge.answer = () => ({ status: 200, body: { box_id: "x" } });
    await expect(client.box(job())).rejects.toThrow();
    expect(edge.calls.length).toBe(1);
  });

  it("follows no redirect: its assertion would go with it", async () => {
    edge.answer = () => ({ status: 302, headers: { location: "/elsewhere" } });
    await expect(client.health({ boxes: [] })).rejects.toThrow();
    expect(edge.callsOf("/elsewhere")).toEqual([]);
  });

  it("goes by the edge's clock when its own is wrong", async () => {
    const realNow = Date.now;
    Date.now = () => realNow() - 600_000;
    try {
      await client.health({ boxes: [] });
    } finally {
      Date.now = realNow;
    }
    expect(edge.callsOf("/health").length).toBe(1);
  });
});
