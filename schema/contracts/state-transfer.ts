/**
 * How a box's memory travels. The fleet-agent puts a `StateOrder` beside `box.json`; the supervisor in the pod carries it
 * out and speaks to the edge itself, on `/fleet/transfers/:order_id/*`, with the order's token and nothing else:
 *
 *     PUT  …/parts/:index   one sealed part of a backup, `x-part-sha256` names its content
 *     GET  …/parts/:index   one sealed part of the backup that is restored
 *     POST …/result         how it ended
 *
 * A part is `iv (12 bytes) | ciphertext | tag (16 bytes)` of AES-256-GCM under the order's key; its additional data is
 * `backup|<backup id>|<index from 0>|more` (`last` in the last one), so that a part moved, left out or taken from
 * another backup does not open. The plain parts together are a zstd-compressed tar.
 */
import * as z from "zod";
import { reasonCode, sha256, storable, text, webUrl } from "./parts.ts";

/** The plain bytes of every part but the last: far below the edge's request limit, small in a pod's memory. */
export const PART_BYTES = 8 * 1024 * 1024;
/** The bytes that sealing adds to a part. */
export const SEAL_BYTES = 28;
/** 10 GiB, the largest volume, fits even uncompressed. */
export const MOST_PARTS = 1_400;

export const MANIFEST_FORMAT = 1;

const Part = z.object({
  bytes: z
    .int()
    .min(SEAL_BYTES)
    .max(PART_BYTES + SEAL_BYTES),
  sha256,
});

/** The parts of a whole backup. */
export const BackupManifest = z.object({
  format: z.literal(MANIFEST_FORMAT),
  /** The OpenClaw that wrote this state: an older one can't read it. */
  openclaw: text(70).regex(/^[0-9]{1,6}(\.[0-9]{1,6}){1,3}(-[A-Za-z0-9_.]{1,32})?$/),
  files: z.int().min(0),
  /** Of the uncompressed tar. */
  plain_bytes: z.int().min(0),
  /** Of all sealed parts, one after the other. */
  sha256,
  parts: z.array(Part).min(1).max(MOST_PARTS),
});
export type BackupManifest = z.infer<typeof BackupManifest>;

/** The order's file beside the box's configuration; absent if there is no order. */
export const ORDER_FILE = "order.json";

/** A backup or restore order for the supervisor. */
export const StateOrder = z
  .object({
    kind: z.enum(["backup", "restore"]),
    /** The row of `backups` or `restores`. */
    order_id: z.uuid(),
    /** The grant's fence, to which the token is bound. */
    fence: z.int(),
    backup_id: z.uuid(),
    /** `https://…/fleet/transfers/<order id>`, as pods reach the edge. */
    url: webUrl,
    token: z.string().min(1),
    /** 32 bytes in base64. */
    key: text(44).regex(/^[A-Za-z0-9+/]{43}=$/),
    timeout_seconds: z.int().min(1),
    /** The box was made from this backup: its gateway never starts without it. */
    required: z.boolean(),
    /** The backup to restore; null in a backup order. */
    manifest: BackupManifest.nullable(),
  })
  .refine(({ kind, manifest }) => kind === "backup" || manifest !== null, { path: ["manifest"] });
export type StateOrder = z.infer<typeof StateOrder>;

/** `POST …/result`. `reason` is for operators, without paths or content of the box. */
export const TransferResult = z.discriminatedUnion("outcome", [
  z.strictObject({
    outcome: z.literal("stored"),
    manifest: z.strictObject({ ...BackupManifest.shape, parts: z.array(Part.strict()).min(1).max(MOST_PARTS) }),
  }),
  z.strictObject({ outcome: z.literal("restored") }),
  z.strictObject({
    outcome: z.literal("failed"),
    /** Of the catalogue of reasons. An older supervisor leaves it out. */
    code: reasonCode.optional(),
    reason: storable(500).min(1),
    retryable: z.boolean(),
  }),
]);
export type TransferResult = z.infer<typeof TransferResult>;

/** `GET /fleet/jobs/:job_id/transfer?fence=N`: the state of this grant's order. */
export const TransferState = z.discriminatedUnion("state", [
  z.object({ state: z.literal("none") }),
  z.object({ state: z.literal("pending") }),
  z.object({ state: z.literal("succeeded") }),
  z.object({
    state: z.literal("failed"),
    code: z.string().optional(),
    reason: z.string(),
    retryable: z.boolean(),
  }),
]);
export type TransferState = z.infer<typeof TransferState>;
