/** Supervisors: the transfers of a backup or restore order (schema/contracts/state-transfer.ts). */
import * as z from "zod";
import { sha256 } from "#schema/contracts/parts.ts";
import { PART_BYTES, SEAL_BYTES, TransferResult } from "#schema/contracts/state-transfer.ts";
import { AppError } from "#schema/domain/errors.ts";
import { timelyStream } from "../../http/timely-stream.ts";
import { recordResult } from "../../services/backups/record-result.ts";
import { getPart, putPart } from "../../services/backups/transfer-parts.ts";
import { noContent, other } from "../answer.ts";
import { operation } from "../operation.ts";

const path = "/fleet/transfers/{order_id}/parts/{index}";

export const transferOperations = [
  operation({
    audience: "box",
    method: "put",
    path,
    summary: "Store one sealed part of a backup",
    headers: z.object({ "x-part-sha256": sha256 }),
    octets: { min: SEAL_BYTES, max: PART_BYTES + SEAL_BYTES },
    output: noContent("Stored"),
    verb({ ctx, input: { "x-part-sha256": sha256, ...part }, request: { body, headers } }) {
      const bytes = Number(headers.get("content-length") ?? Number.NaN);
      if (!body || !(bytes >= SEAL_BYTES)) {
        throw new AppError("invalid_request", "A part needs a content-length header");
      }
      return timelyStream(body, (timed) => putPart({ ctx, input: { ...part, bytes, sha256, body: timed } }));
    },
  }),
  operation({
    audience: "box",
    method: "get",
    path,
    summary: "Fetch one sealed part of the backup to restore",
    output: other("application/octet-stream", "The part"),
    async verb(call) {
      const headers = { "content-type": "application/octet-stream", "cache-control": "no-store" };
      return new Response(await getPart(call), { headers });
    },
  }),
  operation({
    audience: "box",
    method: "post",
    path: "/fleet/transfers/{order_id}/result",
    summary: "Report how the order ended",
    body: TransferResult,
    output: noContent("Recorded"),
    verb: ({ ctx, input: { orderId, fence, ...result } }) => recordResult({ ctx, input: { orderId, fence, result } }),
  }),
];
