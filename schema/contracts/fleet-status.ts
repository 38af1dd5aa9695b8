/** `GET /internal/fleet`, `GET /internal/key`, and draining clusters. Names are snake_case, as on the wire. */
import * as z from "zod";
import { OPERATOR_SCOPES } from "#schema/domain/operator-scopes.ts";
import { BOX_STATUSES } from "#schema/domain/states.ts";
import { time } from "./parts.ts";

/** A connection to a cluster's mailbox: a fleet-agent that can get jobs. */
export const ConnectedAgent = z.object({
  kid: z.string().meta({ description: "The id of the key that it connected with" }),
  instance: z.string().nullable(),
  capacity: z.int().meta({ description: "Jobs that it runs at once; 0 while it stops or stands by" }),
  holds: z.int().meta({ description: "Jobs that it runs now" }),
});
export type ConnectedAgent = z.infer<typeof ConnectedAgent>;

export const FleetCluster = z
  .object({
    id: z.string(),
    accepts_boxes: z.boolean(),
    last_seen_at: time.nullable().meta({ description: "When one of its agents last reported" }),
    /** Since when no jobs are granted; null: they are. */
    paused_since: time.nullable(),
    /** Null if the mailbox does not answer. */
    agents: z.array(ConnectedAgent).nullable(),
    boxes: z.record(z.enum(BOX_STATUSES), z.int()).meta({ description: "How many, by status" }),
    jobs: z.object({
      queued: z.int(),
      running: z.int(),
      /** Of the jobs that could run now. */
      oldest_queued_at: time.nullable(),
    }),
  })
  .meta({ id: "FleetCluster" });
export type FleetCluster = z.infer<typeof FleetCluster>;

/** A provider of models that gives no answers now. */
export const ModelOutage = z
  .object({
    provider: z.string(),
    reason: z.string().meta({ description: "A code of the catalogue of reasons: docs/10-reasons.md" }),
    since: time,
  })
  .meta({ id: "ModelOutage" });
export type ModelOutage = z.infer<typeof ModelOutage>;

export const Fleet = z
  .object({
    clusters: z.array(FleetCluster),
    /** An edge before this list sends none. */
    model_outages: z.array(ModelOutage).default([]),
  })
  .meta({ id: "Fleet" });
export type Fleet = z.infer<typeof Fleet>;

/** `jobs: "wait"`: no job is granted either; running ones finish. */
export const DrainRequest = z
  .strictObject({ jobs: z.enum(["wait", "go_on"]).default("wait") })
  .meta({ id: "DrainRequest" });
export type DrainRequest = z.infer<typeof DrainRequest>;

/** The operator key of this request and its scopes. */
export const OperatorKey = z
  .object({ name: z.string(), scopes: z.array(z.enum(OPERATOR_SCOPES)) })
  .meta({ id: "OperatorKey" });
export type OperatorKey = z.infer<typeof OperatorKey>;
