import { sql } from "drizzle-orm";
import { bigint, check, index, jsonb, pgTable, text, unique, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { clusters } from "./clusters.ts";
import { at, createdAt, id, updatedAt } from "./columns.ts";
import { customers } from "./customers.ts";
import { boxStatus, desiredStatus, poolResult, thinkingLevel, tier } from "./enums.ts";
import { gatewayImages } from "./images.ts";
import { subscriptions } from "./subscriptions.ts";

export const boxes = pgTable(
  "boxes",
  {
    id: id(),
    /** Empty in a box of the warm pool, as are subscription and bot. Once set it stays (a trigger). */
    customerId: uuid("customer_id").references(() => customers.id),
    subscriptionId: uuid("subscription_id").references(() => subscriptions.id),
    clusterId: text("cluster_id")
      .notNull()
      .references(() => clusters.id),
    tier: tier("tier").notNull(),
    status: boxStatus("status").notNull().default("pending"),
    desiredStatus: desiredStatus("desired_status").notNull().default("active"),
    /** Raised by each change of the desired state. */
    generation: bigint("generation", { mode: "number" }).notNull().default(1),
    /** The newest generation that the fleet has reported as applied. */
    observedGeneration: bigint("observed_generation", { mode: "number" }).notNull().default(0),
    /** Raised by each grant of a job; the holder of an older one may write nothing. */
    fence: bigint("fence", { mode: "number" }).notNull().default(0),
    model: text("model").notNull(),
    thinkingLevel: thinkingLevel("thinking_level").notNull(),
    language: text("language").notNull(),
    systemPrompt: text("system_prompt"),
    telegramBotId: bigint("telegram_bot_id", { mode: "number" }),
    telegramBotUsername: text("telegram_bot_username"),
    /** Envelope-encrypted (`v1.…`); the plain token is never stored. */
    telegramBotTokenSealed: text("telegram_bot_token_sealed"),
    telegramUserIds: bigint("telegram_user_ids", { mode: "number" }).array().notNull(),
    /** By id, for those who have one; a name of somebody who is not among the ids means nothing. */
    telegramUserNames: jsonb("telegram_user_names").$type<Record<string, string>>().notNull().default({}),
    /** When it was adopted from the warm pool; empty if it was made for its owner. */
    adoptedAt: at("adopted_at"),
    /** `hit`: adopted from the pool. `miss`: the pool had no ready box. Empty if there was no pool. */
    poolResult: poolResult("pool_result"),
    /** The desired gateway image; empty: the agent's own setting. A new box gets its cluster's (a trigger). */
    imageId: uuid("image_id").references(() => gatewayImages.id),
    /** Why it has failed or is suspended, as text. */
    statusReason: text("status_reason"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    destroyedAt: at("destroyed_at"),
  },
  (t) => [
    uniqueIndex("boxes_one_live_per_subscription").on(t.subscriptionId).where(sql`${t.status} <> 'destroyed'`),
    // Two gateways polling one bot compete for its updates.
    uniqueIndex("boxes_one_live_per_bot").on(t.telegramBotId).where(sql`${t.status} <> 'destroyed'`),
    index("boxes_customer_id_idx").on(t.customerId),
    index("boxes_cluster_id_status_idx").on(t.clusterId, t.status),
    index("boxes_pool_idx").on(t.clusterId, t.tier).where(sql`${t.customerId} is null and ${t.status} <> 'destroyed'`),
    // Referenced by a token's owner: so a box without an owner has no token, and no box has another customer's.
    unique("boxes_id_customer_id_key").on(t.id, t.customerId),
    check("boxes_generations", sql`${t.observedGeneration} <= ${t.generation} and ${t.observedGeneration} >= 0`),
    check("boxes_sealed", sql`${t.telegramBotTokenSealed} like 'v1.%'`),
    check("boxes_destroyed_at", sql`(${t.status} = 'destroyed') = (${t.destroyedAt} is not null)`),
    check(
      "boxes_users",
      sql`cardinality(${t.telegramUserIds}) between (case when ${t.customerId} is null then 0 else 1 end)
        and (case when ${t.customerId} is null then 0 else 10 end)`,
    ),
    check(
      "boxes_user_names",
      sql`jsonb_typeof(${t.telegramUserNames}) = 'object' and (${t.customerId} is not null or ${t.telegramUserNames} = '{}')`,
    ),
    // All owner columns or none.
    check(
      "boxes_owner_whole",
      sql`num_nulls(${t.customerId}, ${t.subscriptionId}, ${t.telegramBotId}, ${t.telegramBotUsername}, ${t.telegramBotTokenSealed}) in (0, 5)`,
    ),
    check("boxes_adopted", sql`${t.adoptedAt} is null or ${t.customerId} is not null`),
    check("boxes_pool_result", sql`${t.poolResult} is null or ${t.customerId} is not null`),
  ],
);
