/** What operators send to and get from `/internal/clusters/*`. */
import * as z from "zod";
import { storable, time } from "./parts.ts";

/** The `kid` of a key in `clusters.agent_keys`. */
export const RevokeAgentKeyRequest = z
  .strictObject({ kid: storable(128).min(1) })
  .meta({ id: "RevokeAgentKeyRequest" });

/** The ids of the keys that are valid now. */
export const ClusterKeys = z.object({ cluster_id: z.string(), kids: z.array(z.string()) }).meta({ id: "ClusterKeys" });
export type ClusterKeys = z.infer<typeof ClusterKeys>;

/** What the last full comparison of a cluster with the database found, and what it holds back. */
export const ClusterComparison = z
  .object({
    cluster_id: z.string(),
    asked_at: time.nullable().meta({ description: "When an operator last asked for one" }),
    compared_at: time.nullable().meta({ description: "When the last one ended" }),
    found: z
      .object({
        boxes: z.int(),
        missing: z.int(),
        differing: z.int().meta({ description: "Changed by somebody in the cluster; each is repaired by a job" }),
        outdated: z.int().meta({ description: "Written by another version of the agent, or under other settings" }),
        strays: z.int().meta({ description: "There, and not in the list" }),
        unknown: z.int().meta({ description: "Strays that no row knows: never removed by themselves" }),
        seconds: z.number(),
      })
      .nullable(),
    brake: z
      .object({ since: time, boxes: z.array(z.uuid()), of: z.int() })
      .nullable()
      .meta({ description: "Deletions that are held back until `remove` confirms how many they are" }),
  })
  .meta({ id: "ClusterComparison" });
export type ClusterComparison = z.infer<typeof ClusterComparison>;

/** `remove`: as many boxes as the brake holds back; they are removed. */
export const ReconcileRequest = z.strictObject({ remove: z.int().min(1).optional() }).meta({ id: "ReconcileRequest" });
export type ReconcileRequest = z.infer<typeof ReconcileRequest>;
