/** Requests and answers of `/internal/images` and `/internal/rollouts`. */
import * as z from "zod";
import { ROLLOUT_STATUSES } from "#schema/domain/states.ts";
import { storable, text, time, words } from "./parts.ts";

/** `[registry[:port]/]path/name[:tag][@sha256:…]`: github.com/distribution/reference. */
const NAME = "[a-z0-9]+(?:[._/-]+[a-z0-9]+)*";
const TAG = "(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?";
const DIGEST = "@sha256:[0-9a-f]{64}";
const BY_TAG = `localhost/${NAME}${TAG}(?:${DIGEST})?`;
const BY_DIGEST = `(?:[a-z0-9.-]+(?::[0-9]{1,5})?/)?${NAME}${TAG}${DIGEST}`;

const reference = text(512)
  .regex(
    new RegExp(`^(?:${BY_TAG}|${BY_DIGEST})$`),
    "must name a digest, such as registry.example/gateway@sha256:…, because a tag may move",
  )
  .meta({
    description: "By digest; by tag only under localhost/, for an image that was loaded into the nodes by hand",
  });

/** As npm has it: `2026.9.6`, `2026.10.0-beta.1`. */
const openclawVersion = text(64).regex(/^[0-9]+(?:[.-][0-9A-Za-z]+)*$/, "is not a version, such as 2026.9.6");

const note = words(2_000);

export const RegisterImageRequest = z
  .strictObject({
    reference,
    openclaw_version: openclawVersion,
    /** What operators should know about boxes' state before moving to this image, or back from it. */
    state_note: note.optional(),
    notes: note.optional(),
  })
  .meta({ id: "RegisterImageRequest" });
export type RegisterImageRequest = z.infer<typeof RegisterImageRequest>;

export const GatewayImage = z
  .object({
    id: z.uuid(),
    reference: z.string(),
    openclaw_version: z.string(),
    state_note: z.string().nullable(),
    notes: z.string().nullable(),
    created_by: z.string(),
    created_at: time,
  })
  .meta({ id: "GatewayImage" });
export type GatewayImage = z.infer<typeof GatewayImage>;

export const ImageList = z
  .object({
    images: z.array(
      GatewayImage.extend({
        clusters: z.array(z.string()).meta({ description: "Clusters whose new boxes get this image" }),
        boxes: z.int().meta({ description: "Boxes that should run it" }),
      }),
    ),
  })
  .meta({ id: "ImageList" });
export type ImageList = z.infer<typeof ImageList>;

const percent = z.int().min(1).max(100);

export const StartRolloutRequest = z
  .strictObject({
    image: storable(512).meta({ description: "A registered image: its reference or its id" }),
    cluster_id: storable(32).optional().meta({ description: "May be left out where there is one cluster" }),
    canary_percent: percent.default(5).meta({ description: "Share of the running boxes, at least one box" }),
    waves: z
      .array(percent)
      .max(9, { abort: true })
      .optional()
      .meta({ description: "Rising from the canary's share to 100; default: those of 25, 50, 100 that are above it" }),
    soak_seconds: z
      .int()
      .min(0)
      .max(604_800)
      .default(900)
      .meta({ description: "How long each wave is watched before the next" }),
    max_concurrent: z.int().min(1).max(200).default(10).meta({ description: "Boxes that are moved at the same time" }),
    max_failed: z.int().min(0).max(100_000).default(0).meta({ description: "Boxes that may fail to come up" }),
    max_unhealthy_percent: z.int().min(0).max(100).default(5).meta({
      description:
        "By how many percentage points unhealthy boxes may exceed both their share before and among the others",
    }),
    notes: note.optional(),
  })
  .refine((request) => rises(sharesOf(request)), {
    path: ["waves"],
    message: "must rise from the canary's share and end with 100",
  })
  .meta({ id: "StartRolloutRequest" });
export type StartRolloutRequest = z.infer<typeof StartRolloutRequest>;

/** Percent of the running boxes after each wave, the canary's first. */
export const sharesOf = (request: { canary_percent: number; waves?: number[] | undefined }): number[] => {
  const { canary_percent: canary, waves } = request;
  return [canary, ...(waves ?? DEFAULT_WAVES.filter((share) => share > canary))];
};
const DEFAULT_WAVES = [25, 50, 100];

const rises = (shares: readonly number[]): boolean =>
  shares.at(-1) === 100 && shares.every((share, i) => i === 0 || share > (shares[i - 1] ?? 0));

export const StopRolloutRequest = z.strictObject({ reason: note.optional() }).meta({ id: "StopRolloutRequest" });
export type StopRolloutRequest = z.infer<typeof StopRolloutRequest>;

export const RolloutSummary = z
  .object({
    id: z.uuid(),
    cluster_id: z.string(),
    from_image: GatewayImage.nullable().meta({ description: "Null: the image in the agent's own settings" }),
    to_image: GatewayImage,
    status: z.enum(ROLLOUT_STATUSES),
    shares: z.array(z.int()).meta({ description: "Percent after each wave, the canary's first" }),
    wave: z.int().meta({ description: "Index into `shares`" }),
    wave_done_at: time.nullable().meta({ description: "When the wave's last box was done and its soak began" }),
    soak_seconds: z.int(),
    max_concurrent: z.int(),
    max_failed: z.int(),
    max_unhealthy_percent: z.int(),
    reason: z.string().nullable().meta({ description: "Why it was stopped" }),
    stopped_by: z.string().nullable().meta({ description: "An operator's name, or `system` for an automatic stop" }),
    notes: z.string().nullable(),
    created_by: z.string(),
    created_at: time,
    finished_at: time.nullable(),
  })
  .meta({ id: "RolloutSummary" });
export type RolloutSummary = z.infer<typeof RolloutSummary>;

/** The boxes of a wave by the state of their move. */
const Wave = z.object({
  share: z.int(),
  moved: z.int(),
  moving: z.int(),
  settled: z.int(),
  failed: z.int(),
  unhealthy: z.int().meta({ description: "Boxes on the new image that are unhealthy" }),
  restored: z.int().meta({ description: "Boxes that were moved back" }),
});

export const Rollout = RolloutSummary.extend({
  waves: z.array(Wave),
  boxes: z.object({
    all: z.int().meta({ description: "All boxes of the cluster, now" }),
    running: z.int(),
    on_new: z.int(),
    on_old: z.int(),
    unhealthy_on_new: z.int(),
    unhealthy_on_old: z.int(),
    unhealthy_before: z.int().meta({ description: "Unhealthy boxes among the running ones when it began" }),
  }),
  next: z.string().meta({ description: "What it is doing or waiting for" }),
}).meta({ id: "Rollout" });
export type Rollout = z.infer<typeof Rollout>;

/** Newest first. */
export const RolloutList = z
  .object({ rollouts: z.array(RolloutSummary), next_cursor: z.string().nullable() })
  .meta({ id: "RolloutList" });
export type RolloutList = z.infer<typeof RolloutList>;

/** Whether a box is moved before others: for the operators' own. */
export const RolloutOrderRequest = z.strictObject({ first: z.boolean() }).meta({ id: "RolloutOrderRequest" });
export const RolloutOrder = z.object({ box_id: z.uuid(), first: z.boolean() }).meta({ id: "RolloutOrder" });
export type RolloutOrder = z.infer<typeof RolloutOrder>;
