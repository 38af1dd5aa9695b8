/**
 * What supervisors ask while they carry out an order about their box's memory (schema/contracts/state-transfer.ts). The
 * token is the order's own: it opens the parts of this one backup, while its job runs, and nothing else.
 */
import { type Context, Hono } from "hono";
import * as z from "zod";
import { MOST_PARTS, PART_BYTES, SEAL_BYTES, TransferResult } from "#schema/contracts/state-transfer.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { AppEnv } from "../http/app-env.ts";
import { bodyLimit, jsonOnly } from "../http/guards.ts";
import { bearerOf } from "../http/internal-auth.ts";
import { recordResult } from "../services/backups/record-result.ts";
import { getPart, putPart, type Transfer } from "../services/backups/transfer-parts.ts";

const MOST_RESULT = 512 * 1024;
const MOST_PART = PART_BYTES + SEAL_BYTES;

export const transferRoutes = new Hono<AppEnv>();

transferRoutes.put("/fleet/transfers/:order_id/parts/:index", async (c) => {
  const bytes = Number(c.req.header("content-length") ?? Number.NaN);
  const body = c.req.raw.body;
  if (!(bytes >= SEAL_BYTES) || !body) throw new AppError("invalid_request", "A part comes with its content-length");
  if (bytes > MOST_PART) throw new AppError("payload_too_large", `A part has at most ${MOST_PART} bytes`);
  const sha256 = c.req.header("x-part-sha256") ?? "";
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new AppError("invalid_request", "A part comes with its x-part-sha256");
  await putPart({ ctx: c.var.ctx, input: { ...transferOf(c), index: indexOf(c), bytes, sha256, body } });
  return c.body(null, 204);
});

transferRoutes.get("/fleet/transfers/:order_id/parts/:index", async (c) => {
  const part = await getPart({ ctx: c.var.ctx, input: { ...transferOf(c), index: indexOf(c) } });
  return c.body(part, 200, { "content-type": "application/octet-stream", "cache-control": "no-store" });
});

transferRoutes.post("/fleet/transfers/:order_id/result", bodyLimit(MOST_RESULT), jsonOnly(), async (c) => {
  const result = TransferResult.parse(await c.req.json());
  await recordResult({ ctx: c.var.ctx, input: { ...transferOf(c), result } });
  return c.body(null, 204);
});

/** An id that is none, and any path besides these, is nothing that a token of ours could be for. */
function transferOf(c: Context<AppEnv>): Transfer {
  const id = z.uuid().safeParse(c.req.param("order_id"));
  if (!id.success) throw new AppError("unauthorized", "This token is not for this transfer");
  return { orderId: id.data, token: bearerOf(c.req.header("authorization")) };
}

function indexOf(c: Context<AppEnv>): number {
  const index = /^\d{1,5}$/.test(c.req.param("index") ?? "") ? Number(c.req.param("index")) : Number.NaN;
  if (!(index < MOST_PARTS)) throw new AppError("invalid_request", `A part's index is a number below ${MOST_PARTS}`);
  return index;
}
