/** What operators send to and get from `/internal/clusters/*`. */
import * as z from "zod";

/** The `kid` of a key in `clusters.agent_keys`. */
export const RevokeAgentKeyRequest = z
  .strictObject({ kid: z.string().min(1).max(128) })
  .meta({ id: "RevokeAgentKeyRequest" });

/** The ids of the keys that are valid now. */
export const ClusterKeys = z.object({ cluster_id: z.string(), kids: z.array(z.string()) }).meta({ id: "ClusterKeys" });
export type ClusterKeys = z.infer<typeof ClusterKeys>;
