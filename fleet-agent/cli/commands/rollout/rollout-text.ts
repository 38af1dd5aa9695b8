import type { GatewayImage, ImageList, Rollout, RolloutSummary } from "#schema/contracts/rollouts.ts";
import { age } from "../age.ts";
import { type Column, details, table } from "../table.ts";

/** Pure: what `fleet rollout status` prints of one. */
export function rolloutText(rollout: Rollout): string {
  const { boxes, shares, wave } = rollout;
  return [
    details([
      ["rollout", rollout.id],
      ["cluster", rollout.cluster_id],
      ["from", rollout.from_image ? imageText(rollout.from_image) : "the agent's own setting"],
      ["to", imageText(rollout.to_image)],
      ["state note", rollout.to_image.state_note],
      ["status", rollout.status],
      ["why", rollout.reason],
      ["stopped by", rollout.stopped_by],
      ["now", rollout.finished_at ? undefined : rollout.next],
      ["wave", rollout.finished_at ? undefined : `${wave + 1} of ${shares.length}, to ${shares[wave]} %`],
      ["boxes", `${boxes.on_new} of ${boxes.all} on the new image (${boxes.running} run)`],
      [
        "unhealthy",
        `${boxes.unhealthy_on_new} on the new image, ${boxes.unhealthy_on_old} on the one before (${boxes.unhealthy_before} when it began)`,
      ],
      ["begun", `${rollout.created_at} (${age(rollout.created_at)} ago) by ${rollout.created_by}`],
      ["over", rollout.finished_at],
      ["notes", rollout.notes],
    ]),
    table(WAVES, rollout.waves),
  ].join("\n\n");
}

const imageText = ({ reference, openclaw_version }: GatewayImage): string =>
  `${reference} (OpenClaw ${openclaw_version})`;

const WAVES: readonly Column<Rollout["waves"][number]>[] = [
  { title: "SHARE", value: ({ share }) => `${share} %` },
  { title: "MOVED", value: ({ moved }) => String(moved) },
  { title: "MOVING", value: ({ moving }) => String(moving) },
  { title: "THROUGH", value: ({ settled }) => String(settled) },
  { title: "FAILED", value: ({ failed }) => String(failed) },
  { title: "UNHEALTHY", value: ({ unhealthy }) => String(unhealthy) },
  { title: "WENT BACK", value: ({ restored }) => String(restored) },
];

/** Pure: several, the newest first. */
export const rolloutTable = (rollouts: readonly RolloutSummary[]): string => table(ROLLOUT_COLUMNS, rollouts);

export const ROLLOUT_COLUMNS: readonly Column<RolloutSummary>[] = [
  { title: "ID", value: ({ id }) => id },
  { title: "CLUSTER", value: ({ cluster_id }) => cluster_id },
  { title: "STATUS", value: ({ status }) => status },
  { title: "WAVE", value: ({ wave, shares }) => `${wave + 1}/${shares.length}` },
  { title: "AGE", value: ({ created_at }) => age(created_at) },
  { title: "TO", value: ({ to_image }) => to_image.reference },
  { title: "WHY", value: ({ reason }) => reason?.slice(0, 80) ?? "-" },
];

/** Pure: what `fleet rollout images` prints. */
export const imageTable = ({ images }: ImageList): string =>
  images.length > 0
    ? table(IMAGES, images)
    : "No image is registered: boxes run the one in the agent's settings. `fleet-agent fleet rollout register` adds one.";

const IMAGES: readonly Column<ImageList["images"][number]>[] = [
  { title: "ID", value: ({ id }) => id },
  { title: "OPENCLAW", value: ({ openclaw_version }) => openclaw_version },
  { title: "AGE", value: ({ created_at }) => age(created_at) },
  { title: "BOXES", value: ({ boxes }) => String(boxes) },
  { title: "IMAGE OF", value: ({ clusters }) => clusters.join(", ") || "-" },
  { title: "REFERENCE", value: ({ reference }) => reference },
];
