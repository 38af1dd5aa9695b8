import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { at, createdAt, id, updatedAt } from "./columns.ts";
import { customers, subscriptions } from "./customers.ts";
import { boxStatus, desiredStatus, jobStatus, jobType, tier, tokenStatus } from "./enums.ts";
import { gatewayImages } from "./images.ts";

/** An agent's public key as a JWK (Ed25519), with the id it signs under. */
export interface AgentKey {
  kid: string;
  kty: "OKP";
  crv: "Ed25519";
  x: string;
}

/** What a full comparison of a cluster found, in boxes. */
export interface ComparisonFigures {
  /** That should be there. */
  boxes: number;
  missing: number;
  /** Changed by somebody. */
  differing: number;
  /** Written by another version of the agent, or under other settings. */
  outdated: number;
  /** There, and not in the list. */
  strays: number;
  /** Strays that no row knows. */
  unknown: number;
  seconds: number;
}

/** Boxes in a cluster that are recorded as destroyed, and too many to be removed without being asked. */
export interface DeletionBrake {
  /** ISO 8601. */
  since: string;
  boxes: string[];
  /** Boxes that were in the cluster. */
  of: number;
}

export const clusters = pgTable(
  "clusters",
  {
    /** Short and readable: `hel1`, `local`. */
    id: text("id").primaryKey(),
    /** Two keys at most are live, so that one can be rotated without a gap. An empty list revokes the agent. */
    agentKeys: jsonb("agent_keys").$type<AgentKey[]>().notNull(),
    /** New boxes go to a cluster that accepts them. */
    acceptsBoxes: integer("accepts_boxes").notNull().default(1),
    /** What its boxes run, and new ones get; empty where that is the agent's own setting. A rollout changes it. */
    imageId: uuid("image_id").references(() => gatewayImages.id),
    lastSeenAt: at("last_seen_at"),
    /** When everything in the cluster was last compared with what should be there, and what was found. */
    comparedAt: at("compared_at"),
    comparison: jsonb("comparison").$type<ComparisonFigures>(),
    /** An operator wants a comparison now. */
    compareAskedAt: at("compare_asked_at"),
    /** Deletions that are held back until an operator confirms them. */
    brake: jsonb("brake").$type<DeletionBrake>(),
    createdAt: createdAt(),
  },
  (t) => [check("clusters_id_form", sql`${t.id} ~ '^[a-z0-9-]{1,32}$'`)],
);

/** How many complete boxes without an owner a cluster keeps ready for a tier. */
export const warmPools = pgTable(
  "warm_pools",
  {
    clusterId: text("cluster_id")
      .notNull()
      .references(() => clusters.id),
    tier: tier("tier").notNull(),
    size: integer("size").notNull(),
    updatedAt: updatedAt(),
  },
  (t) => [primaryKey({ columns: [t.clusterId, t.tier] }), check("warm_pools_size", sql`${t.size} between 0 and 200`)],
);

export const boxes = pgTable(
  "boxes",
  {
    id: id(),
    /** Empty in a box of the warm pool, which has no owner yet; so are subscription and bot. Once set it stays (a trigger). */
    customerId: uuid("customer_id").references(() => customers.id),
    subscriptionId: uuid("subscription_id").references(() => subscriptions.id),
    clusterId: text("cluster_id")
      .notNull()
      .references(() => clusters.id),
    tier: tier("tier").notNull(),
    status: boxStatus("status").notNull().default("pending"),
    desiredStatus: desiredStatus("desired_status").notNull().default("active"),
    /** Raised by each change of what is desired. */
    generation: bigint("generation", { mode: "number" }).notNull().default(1),
    /** The newest generation that the fleet has reported as applied. */
    observedGeneration: bigint("observed_generation", { mode: "number" }).notNull().default(0),
    /** Raised by each grant of a job; the holder of an older one may write nothing. */
    fence: bigint("fence", { mode: "number" }).notNull().default(0),
    model: text("model").notNull(),
    thinkingLevel: text("thinking_level").notNull(),
    language: text("language").notNull(),
    systemPrompt: text("system_prompt"),
    telegramBotId: bigint("telegram_bot_id", { mode: "number" }),
    telegramBotUsername: text("telegram_bot_username"),
    /** Envelope-encrypted (`v1.…`); the plain token is never stored. */
    telegramBotTokenSealed: text("telegram_bot_token_sealed"),
    telegramUserIds: bigint("telegram_user_ids", { mode: "number" }).array().notNull(),
    /** When it was taken from the warm pool; empty where it was made for its owner. */
    adoptedAt: at("adopted_at"),
    /** `hit`: taken from the pool. `miss`: there is a pool, but no box of it was ready. Empty where there was no pool. */
    poolResult: text("pool_result"),
    /** The gateway image it is to run; empty where that is the agent's own setting. A new box gets its cluster's (a trigger). */
    imageId: uuid("image_id").references(() => gatewayImages.id),
    /** Moved to a new image before others: the operators' own. */
    firstInRollouts: boolean("first_in_rollouts").notNull().default(false),
    /** `healthy`, `unhealthy` or `unknown`, as the fleet last saw it. */
    health: text("health").notNull().default("unknown"),
    unhealthySince: at("unhealthy_since"),
    /** Why it is unhealthy: see HEALTH_CODES in schema/domain/health.ts. */
    healthCode: text("health_code"),
    /** How often the kubelet has started its pod's container again. */
    containerRestarts: integer("container_restarts").notNull().default(0),
    /** Restarts that nobody asked for, in this run of trouble, and when the last one was. */
    autoRestarts: integer("auto_restarts").notNull().default(0),
    autoRestartedAt: at("auto_restarted_at"),
    /** When its customer was told that it doesn't work. */
    troubleToldAt: at("trouble_told_at"),
    /** Repairs of what somebody changed in the cluster, in this run of them, and when the last one was. */
    driftRepairs: integer("drift_repairs").notNull().default(0),
    driftRepairedAt: at("drift_repaired_at"),
    /** The fleet would make its pod differently today: another image, other resources. */
    outdated: boolean("outdated").notNull().default(false),
    statusReason: text("status_reason"),
    lastSeenAt: at("last_seen_at"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    destroyedAt: at("destroyed_at"),
  },
  (t) => [
    uniqueIndex("boxes_one_live_per_subscription").on(t.subscriptionId).where(sql`${t.status} <> 'destroyed'`),
    // Two gateways polling one bot fight over its updates.
    uniqueIndex("boxes_one_live_per_bot").on(t.telegramBotId).where(sql`${t.status} <> 'destroyed'`),
    index("boxes_customer_id_idx").on(t.customerId),
    index("boxes_cluster_id_status_idx").on(t.clusterId, t.status),
    index("boxes_pool_idx").on(t.clusterId, t.tier).where(sql`${t.customerId} is null and ${t.status} <> 'destroyed'`),
    // What each minute's sweep looks for.
    index("boxes_unhealthy_idx").on(t.clusterId).where(sql`${t.health} = 'unhealthy' and ${t.status} <> 'destroyed'`),
    index("boxes_trouble_told_idx").on(t.id).where(sql`${t.troubleToldAt} is not null`),
    // What a token's owner refers to: so a box without an owner has no token, and no box has somebody else's.
    unique("boxes_id_customer_id_key").on(t.id, t.customerId),
    check("boxes_generations", sql`${t.observedGeneration} <= ${t.generation} and ${t.observedGeneration} >= 0`),
    check("boxes_sealed", sql`${t.telegramBotTokenSealed} like 'v1.%'`),
    check("boxes_destroyed_at", sql`(${t.status} = 'destroyed') = (${t.destroyedAt} is not null)`),
    check(
      "boxes_users",
      sql`cardinality(${t.telegramUserIds}) between (case when ${t.customerId} is null then 0 else 1 end)
        and (case when ${t.customerId} is null then 0 else 10 end)`,
    ),
    // Nobody's or wholly somebody's.
    check(
      "boxes_owner_whole",
      sql`num_nulls(${t.customerId}, ${t.subscriptionId}, ${t.telegramBotId}, ${t.telegramBotUsername}, ${t.telegramBotTokenSealed}) in (0, 5)`,
    ),
    check("boxes_adopted", sql`${t.adoptedAt} is null or ${t.customerId} is not null`),
    check(
      "boxes_pool_result",
      sql`${t.poolResult} is null or (${t.poolResult} in ('hit', 'miss') and ${t.customerId} is not null)`,
    ),
  ],
);

export const proxyTokens = pgTable(
  "proxy_tokens",
  {
    id: id(),
    customerId: uuid("customer_id")
      .notNull()
      .references(() => customers.id),
    /** The box that the token is for; empty for a token an operator made for a customer's own use. */
    boxId: uuid("box_id").references(() => boxes.id),
    /** What an operator calls it: "CI", "laptop". A box's token has none. */
    label: text("label"),
    /** SHA-256 of the token, hex. The token itself is shown once and never stored. */
    tokenHash: text("token_hash").notNull(),
    last4: text("last4").notNull(),
    scopes: text("scopes").array().notNull().default(sql`array['llm']`),
    status: tokenStatus("status").notNull().default("active"),
    /** How a spent allowance is told: `message` (a normal assistant message, for boxes) or `error` (429). */
    whenSpent: text("when_spent").notNull().default("error"),
    createdAt: createdAt(),
    /** A retiring token works until then. */
    expiresAt: at("expires_at"),
    revokedAt: at("revoked_at"),
  },
  (t) => [
    uniqueIndex("proxy_tokens_token_hash_key").on(t.tokenHash),
    uniqueIndex("proxy_tokens_one_active_per_box").on(t.boxId).where(sql`${t.status} = 'active'`),
    index("proxy_tokens_customer_id_idx").on(t.customerId),
    foreignKey({
      name: "proxy_tokens_box_of_customer",
      columns: [t.boxId, t.customerId],
      foreignColumns: [boxes.id, boxes.customerId],
    }),
    // What the sweep looks for.
    index("proxy_tokens_expires_at_idx").on(t.expiresAt).where(sql`${t.status} <> 'revoked'`),
    check("proxy_tokens_label", sql`length(${t.label}) between 1 and 100`),
    check("proxy_tokens_retiring", sql`${t.status} <> 'retiring' or ${t.expiresAt} is not null`),
    check("proxy_tokens_hash_form", sql`${t.tokenHash} ~ '^[0-9a-f]{64}$'`),
    check("proxy_tokens_when_spent", sql`${t.whenSpent} in ('message', 'error')`),
    check("proxy_tokens_revoked_at", sql`(${t.status} = 'revoked') = (${t.revokedAt} is not null)`),
  ],
);

/** A step that a job has reached, for people to watch. */
export interface JobStep {
  step: string;
  message: string;
  /** ISO 8601. */
  at: string;
}

export const operatorJobs = pgTable(
  "operator_jobs",
  {
    id: id(),
    boxId: uuid("box_id")
      .notNull()
      .references(() => boxes.id),
    clusterId: text("cluster_id")
      .notNull()
      .references(() => clusters.id),
    /** Order within a box. */
    seq: bigint("seq", { mode: "number" }).notNull().generatedAlwaysAsIdentity(),
    type: jobType("type").notNull(),
    status: jobStatus("status").notNull().default("queued"),
    /** The generation of the box that this job was made for. */
    generation: bigint("generation", { mode: "number" }).notNull(),
    attempt: integer("attempt").notNull().default(0),
    fence: bigint("fence", { mode: "number" }),
    leaseUntil: at("lease_until"),
    /** Not granted before. */
    availableAt: at("available_at").notNull().defaultNow(),
    steps: jsonb("steps").$type<JobStep[]>().notNull().default([]),
    errorCode: text("error_code"),
    errorMessage: text("error_message"),
    requestedBy: text("requested_by").notNull(),
    createdAt: createdAt(),
    startedAt: at("started_at"),
    finishedAt: at("finished_at"),
  },
  (t) => [
    uniqueIndex("operator_jobs_one_running_per_box").on(t.boxId).where(sql`${t.status} = 'running'`),
    index("operator_jobs_open_idx").on(t.clusterId, t.seq).where(sql`${t.status} in ('queued', 'running')`),
    index("operator_jobs_box_id_seq_idx").on(t.boxId, t.seq),
    check("operator_jobs_lease", sql`(${t.status} = 'running') = (${t.leaseUntil} is not null)`),
    check(
      "operator_jobs_finished",
      sql`(${t.status} in ('succeeded', 'dead', 'cancelled', 'superseded')) = (${t.finishedAt} is not null)`,
    ),
  ],
);
