/**
 * What the fleet-agent and the edge say to each other on `/fleet/*`. The agent dials out; every request carries
 * `Authorization: Bearer <assertion>`: an EdDSA JWT signed with the cluster's key, `iss` = cluster id, `aud` = the
 * edge's base URL, a fresh `jti`, at most 60 s old.
 */
import * as z from "zod";
import { HEALTH_STATES } from "#schema/domain/health.ts";
import { DESIRED_STATUSES, JOB_TYPES } from "#schema/domain/states.ts";
import { TIER_IDS } from "#schema/domain/tiers.ts";
import { BoxConfig } from "./box-config.ts";
import { count, reasonCode, storable } from "./parts.ts";
import { PoolFigures } from "./pool.ts";
import { StateOrder } from "./state-transfer.ts";

/** A job granted to this agent until `lease_until` (ms since the epoch, by the edge's clock). */
export const Grant = z.object({
  job_id: z.uuid(),
  box_id: z.uuid(),
  type: z.enum(JOB_TYPES),
  attempt: z.int(),
  fence: z.int(),
  lease_until: z.int(),
});
export type Grant = z.infer<typeof Grant>;

/** A job the agent holds. */
export const Held = z.strictObject({ job_id: z.uuid(), fence: z.int() });
export type Held = z.infer<typeof Held>;

/** Agent → edge on `GET /fleet/mailbox` (WebSocket), first message, and whenever capacity changes. */
export const Hello = z.object({
  type: z.literal("hello"),
  capacity: z.int().min(0).max(1_000),
  running: z.array(Held).max(1_000),
  /**
   * Names a place where at most one agent process lives at a time (a pod, a folder that one process holds). A new
   * connection from there that doesn't know a job shows that nobody works on it any more. Left out where that can't be said.
   */
  instance: storable(128).min(1).optional(),
  /**
   * Another instance that is known to be dead, or to have stopped itself: whose lease in the cluster ran out, and this
   * agent took it. Nobody works on its jobs any more.
   */
  replaces: storable(128).min(1).optional(),
});
export type Hello = z.infer<typeof Hello>;

/**
 * Edge → agent. `abort`: stop writing, the agent no longer holds the job. `stop`: it still does, but a newer job of the box
 * waits: end it, and say so (`stopped`). Pings are `"ping"` → `"pong"`, plain text.
 */
export const MailboxMessage = z.discriminatedUnion("type", [
  z.object({ type: z.literal("grant"), grant: Grant }),
  z.object({ type: z.literal("abort"), job_id: z.uuid() }),
  z.object({ type: z.literal("stop"), job_id: z.uuid() }),
]);
export type MailboxMessage = z.infer<typeof MailboxMessage>;

/** `POST /fleet/poll`: the same by long polling; answers at once if there are messages, otherwise after `wait` seconds. */
export const PollRequest = z.strictObject({ ...Hello.omit({ type: true }).shape, wait: z.number().min(0).max(25) });
export type PollRequest = z.infer<typeof PollRequest>;
export const PollAnswer = z.object({ messages: z.array(MailboxMessage) });
export type PollAnswer = z.infer<typeof PollAnswer>;

/**
 * `GET /fleet/jobs/:job_id/box?fence=N`: what the box should be now (the newest generation, whatever the job was
 * made for). `config` is null where it is to be destroyed.
 */
export const DesiredBox = z.object({
  box_id: z.uuid(),
  /** Null for a box of the warm pool, which has no owner yet. */
  customer_id: z.uuid().nullable(),
  generation: z.int(),
  fence: z.int(),
  status: z.enum(DESIRED_STATUSES),
  tier: z.enum(TIER_IDS),
  /** Raised by a `restart` job: a new value restarts the pod. */
  restart_token: z.string(),
  /** Its gateway image, preferably by digest. Left out: the one in the agent's own settings. */
  image: z.string().max(512).optional(),
  config: BoxConfig.nullable(),
  /** The backup or restore order. Left out: none. */
  order: StateOrder.optional(),
});
export type DesiredBox = z.infer<typeof DesiredBox>;

/**
 * `POST /fleet/jobs/:job_id/heartbeat` {fence} → the new lease; 409 `lease_lost` if another agent holds it, `superseded` if
 * a newer job of the box waits for its end: as a `stop`.
 */
export const HeartbeatRequest = z.strictObject({ fence: z.int() });
export const HeartbeatAnswer = z.object({ lease_until: z.int() });

/** `POST /fleet/jobs/:job_id/progress`: a step, shown to operators and customers. */
export const ProgressRequest = z.strictObject({
  fence: z.int(),
  step: storable(64),
  message: storable(500),
});
export type ProgressRequest = z.infer<typeof ProgressRequest>;

/** Why a box can't be brought to its desired state, as text for operators, without secrets. */
export const Failure = z.strictObject({
  code: reasonCode,
  message: storable(1_000),
  retryable: z.boolean(),
});
export type Failure = z.infer<typeof Failure>;

/**
 * `POST /fleet/jobs/:job_id/complete`. `stopped`: it was ended as the edge asked, and nothing writes for it any more.
 * 409 `lease_lost`: nothing was recorded, another agent holds the job.
 */
export const CompleteRequest = z.discriminatedUnion("outcome", [
  z.strictObject({ outcome: z.literal("succeeded"), fence: z.int(), observed_generation: z.int() }),
  z.strictObject({ outcome: z.literal("failed"), fence: z.int(), failure: Failure }),
  z.strictObject({ outcome: z.literal("stopped"), fence: z.int() }),
]);
export type CompleteRequest = z.infer<typeof CompleteRequest>;

/**
 * `POST /fleet/health`: the boxes whose health is another than was reported last, and now and then all of them; also the
 * agent's own sign of life.
 */
export const HealthReport = z.strictObject({
  boxes: z
    .array(
      z.strictObject({
        box_id: z.uuid(),
        health: z.enum(HEALTH_STATES),
        /** Why it is unhealthy. */
        code: reasonCode.nullable().default(null),
        reason: storable(500).nullable(),
        /** How often its current pod's container was restarted. */
        restarts: count.default(0),
      }),
    )
    .max(1_000),
});
/** As an agent sends it. */
export type HealthReport = z.input<typeof HealthReport>;

/** When an operator last requested a full comparison (ms since the epoch); null if never. */
export const HealthAnswer = z.object({
  compare_asked_at: z.int().nullable(),
  /** An older edge leaves it out. */
  pool: z.array(PoolFigures).optional(),
});
export type HealthAnswer = z.infer<typeof HealthAnswer>;
