import { and, eq, sql } from "drizzle-orm";
import type { Box } from "#schema/contracts/internal.ts";
import { boxes, boxHealth, customers, proxyTokens } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import { namespaceOf } from "#schema/domain/ids.ts";
import type { Ctx } from "../../context.ts";
import { isOwned } from "./owned-box.ts";
import { peopleOf } from "./people.ts";
import { CHANGE_UNDONE } from "./record-changes.ts";

/** A healthy box was last seen at its agent's last report: agents report every change of health. */
const seenAt = sql<Date | null>`case when ${boxHealth.state} = 'healthy' then greatest(${boxHealth.lastSeenAt},
  (select c.last_seen_at from clusters c where c.id = ${boxes.clusterId})) else ${boxHealth.lastSeenAt} end`;

const changeUndoneAt = sql<Date | null>`(select max(a.at) from audit_log a
  where a.subject = ${boxes.id}::text and a.action = ${CHANGE_UNDONE})`;

/** Customers' boxes, as operators see them. */
export const selectBoxes = (ctx: Ctx) =>
  ctx.db
    .select({
      box: boxes,
      health: boxHealth,
      email: customers.email,
      last4: proxyTokens.last4,
      seenAt: seenAt.mapWith(boxHealth.lastSeenAt),
      changeUndoneAt: changeUndoneAt.mapWith(boxHealth.lastSeenAt),
      chatUrl: sql<string>`${ctx.config.TELEGRAM_CHAT_URL}::text || ${boxes.telegramBotUsername}`,
    })
    .from(boxes)
    .innerJoin(boxHealth, eq(boxHealth.boxId, boxes.id))
    .innerJoin(customers, eq(customers.id, boxes.customerId))
    .leftJoin(proxyTokens, and(eq(proxyTokens.boxId, boxes.id), eq(proxyTokens.status, "active")));

export type BoxRow = Awaited<ReturnType<typeof selectBoxes>>[number];

export function viewBox({ box, health, seenAt, changeUndoneAt, email, last4, chatUrl }: BoxRow): Box {
  if (!isOwned(box)) throw new AppError("internal", "A box without an owner was read as a customer's");
  return {
    id: box.id,
    customer_id: box.customerId,
    customer_email: email,
    cluster_id: box.clusterId,
    namespace: namespaceOf(box.id),
    tier: box.tier,
    status: box.status,
    desired_status: box.desiredStatus,
    status_reason: (box.status === "active" && health.reason) || box.statusReason,
    health: health.state,
    health_code: health.code,
    unhealthy_since: health.unhealthySince?.toISOString() ?? null,
    change_undone_at: changeUndoneAt?.toISOString() ?? null,
    generation: box.generation,
    observed_generation: box.observedGeneration,
    model: box.model,
    thinking_level: box.thinkingLevel,
    language: box.language,
    telegram_bot_username: box.telegramBotUsername,
    telegram_chat_url: chatUrl,
    telegram_user_ids: box.telegramUserIds,
    telegram_users: peopleOf(box),
    token_last4: last4,
    created_at: box.createdAt.toISOString(),
    last_seen_at: seenAt?.toISOString() ?? null,
    destroyed_at: box.destroyedAt?.toISOString() ?? null,
  };
}
