import { createHash, randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { Grant } from "#schema/contracts/fleet.ts";
import type { BackupManifest, StateOrder, TransferResult } from "#schema/contracts/state-transfer.ts";
import type { EdgeTest } from "./edge-test.ts";

export const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

export function call(
  order: StateOrder,
  method: string,
  path: string,
  body?: Uint8Array<ArrayBuffer> | string,
  more = {},
) {
  const headers = { authorization: `Bearer ${order.token}`, ...more };
  return fetch(`${order.url}${path}`, { method, headers, ...(body !== undefined && { body }) });
}

export const put = (order: StateOrder, index: number, part: Uint8Array<ArrayBuffer>, said = sha256(part)) =>
  call(order, "PUT", `/parts/${index}`, part, { "x-part-sha256": said });

export const tell = (order: StateOrder, result: TransferResult) =>
  call(order, "POST", "/result", JSON.stringify(result), { "content-type": "application/json" });

export const manifestOf = (parts: Uint8Array[]): BackupManifest => ({
  format: 1,
  openclaw: "2026.9.6",
  files: 3,
  plain_bytes: 10_240,
  sha256: sha256(Buffer.concat(parts)),
  parts: parts.map((part) => ({ bytes: part.length, sha256: sha256(part) })),
});

/** What a box's supervisor and its agent do for a backup or a restore. */
export function playBackups(edge: () => EdgeTest) {
  const transferOf = async ({ job_id, fence }: Grant): Promise<unknown> =>
    (await edge().agent.send("GET", `/fleet/jobs/${job_id}/transfer?fence=${fence}`)).json();

  async function orderOf(jobId: string): Promise<{ grant: Grant; order: StateOrder }> {
    const grant = await edge().grantOf(jobId);
    const { order } = await edge().agent.desired(grant);
    if (!order) throw new Error("there is no order");
    return { grant, order };
  }

  const complete = (grant: Grant, generation: number) =>
    edge().agent.complete(grant.job_id, { outcome: "succeeded", fence: grant.fence, observed_generation: generation });

  /** A stored backup of this box, and what it consists of. */
  async function stored(
    box: string,
  ): Promise<{ id: string; parts: Uint8Array<ArrayBuffer>[]; key: string; order: StateOrder }> {
    const started = await edge().operator.backUp(box);
    const { grant, order } = await orderOf(started.job.id);
    const parts = [new Uint8Array(randomBytes(70_000)), new Uint8Array(randomBytes(300))];
    for (const [index, part] of parts.entries()) expect((await put(order, index, part)).status).toBe(204);
    expect((await tell(order, { outcome: "stored", manifest: manifestOf(parts) })).status).toBe(204);
    expect(await transferOf(grant)).toEqual({ state: "succeeded" });
    expect((await complete(grant, 1)).status).toBe(204);
    return { id: started.backup.id, parts, key: order.key, order };
  }

  return { transferOf, orderOf, complete, stored };
}
