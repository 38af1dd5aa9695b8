/** `GET /internal/fleet`, `GET /internal/key`, and taking a cluster out of work and back. Names are snake_case, as on the wire. */
import * as z from "zod";
import { OPERATOR_SCOPES } from "#schema/domain/operator-scopes.ts";
import { BOX_STATUSES } from "#schema/domain/states.ts";
import { time } from "./parts.ts";

/** A connection to a cluster's mailbox: a fleet-agent that can be given jobs. */
export const ConnectedAgent = z.object({
  kid: z.string().meta({ description: "The id of the key that it came in with" }),
  instance: z.string().nullable(),
  capacity: z.int().meta({ description: "Jobs it takes at once; 0 while it is being stopped, or stands by" }),
  holds: z.int().meta({ description: "Jobs it works on" }),
});
export type ConnectedAgent = z.infer<typeof ConnectedAgent>;

export const FleetCluster = z
  .object({
    id: z.string(),
    accepts_boxes: z.boolean(),
    last_seen_at: time.nullable().meta({ description: "When an agent of it reported last" }),
    /** Since when no jobs are handed out; null: they are. */
    paused_since: time.nullable(),
    /** Null where the mailbox does not answer. */
    agents: z.array(ConnectedAgent).nullable(),
    boxes: z.record(z.enum(BOX_STATUSES), z.int()).meta({ description: "How many, by status" }),
    jobs: z.object({
      queued: z.int(),
      running: z.int(),
      /** Of those that could run now. */
      oldest_queued_at: time.nullable(),
    }),
  })
  .meta({ id: "FleetCluster" });
export type FleetCluster = z.infer<typeof FleetCluster>;

export const Fleet = z.object({ clusters: z.array(FleetCluster) }).meta({ id: "Fleet" });
export type Fleet = z.infer<typeof Fleet>;

/** `jobs: "wait"`: no job is handed out either; what runs goes on to its end. */
export const DrainRequest = z
  .strictObject({ jobs: z.enum(["wait", "go_on"]).default("wait") })
  .meta({ id: "DrainRequest" });
export type DrainRequest = z.infer<typeof DrainRequest>;

/** Whose key this is, and what it may do. */
export const OperatorKey = z
  .object({ name: z.string(), scopes: z.array(z.enum(OPERATOR_SCOPES)) })
  .meta({ id: "OperatorKey" });
export type OperatorKey = z.infer<typeof OperatorKey>;
