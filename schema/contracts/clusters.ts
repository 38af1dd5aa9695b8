/** Requests and answers of `/internal/clusters/*`. */
import * as z from "zod";
import { storable, time } from "./parts.ts";

/** The `kid` of a key in `clusters.agent_keys`. */
export const RevokeAgentKeyRequest = z
  .strictObject({ kid: storable(128).min(1) })
  .meta({ id: "RevokeAgentKeyRequest" });

/** The ids of the keys that are valid now. */
export const ClusterKeys = z.object({ cluster_id: z.string(), kids: z.array(z.string()) }).meta({ id: "ClusterKeys" });
export type ClusterKeys = z.infer<typeof ClusterKeys>;

/** The result of a cluster's last full comparison, and the deletions that it holds back. */
export const ClusterComparison = z
  .object({
    cluster_id: z.string(),
    asked_at: time.nullable().meta({ description: "When an operator last requested a comparison" }),
    compared_at: time.nullable().meta({ description: "When the last comparison ended" }),
    found: z
      .object({
        /** That should be there. */
        boxes: z.int(),
        missing: z.int(),
        differing: z.int().meta({ description: "Boxes that have drifted; each is repaired by a job" }),
        outdated: z.int().meta({ description: "Boxes that this agent, with its settings, would write differently" }),
        strays: z.int().meta({ description: "Boxes in the cluster that are not in the list" }),
        unknown: z.int().meta({ description: "Strays without a row: never removed automatically" }),
        seconds: z.number(),
      })
      .nullable(),
    brake: z
      // `of`: the boxes that were in the cluster.
      .object({ since: time, boxes: z.array(z.uuid()), of: z.int() })
      .nullable()
      .meta({ description: "Deletions that are held back until `remove` confirms their number" }),
  })
  .meta({ id: "ClusterComparison" });
export type ClusterComparison = z.infer<typeof ClusterComparison>;

/** `remove`: the number of boxes that the brake holds back; they are removed. */
export const ReconcileRequest = z.strictObject({ remove: z.int().min(1).optional() }).meta({ id: "ReconcileRequest" });
export type ReconcileRequest = z.infer<typeof ReconcileRequest>;
