/** The statement that gives a customer a box: adopted from the warm pool if one is ready, otherwise new. */
import { type SQL, sql } from "drizzle-orm";
import { type ProvisionRequest, peopleIn } from "#schema/contracts/internal.ts";
import { newId } from "#schema/domain/ids.ts";
import type { Ctx } from "../../context.ts";
import type { Bot } from "../../integrations/telegram.ts";
import { isReady, type ReadyBox } from "../pool/ready-boxes.ts";
import { listed, moment } from "../sql.ts";
import { placeOfBotToken } from "./bot-token.ts";
import { peopleColumns } from "./people.ts";

/** The input of a customer's box. An existing customer needs no email. */
export type BoxRequest = Omit<ProvisionRequest, "customer_email"> & { customer_email?: string };

export interface BoxPlan {
  request: BoxRequest;
  bot: Bot;
  /** The cluster of a new box, if none can be adopted. */
  clusterId: string;
  /** Boxes of the pool, one of which may be adopted. */
  ready: readonly ReadyBox[];
  customerId: string;
  subscriptionId: string;
  now: Date;
}

/**
 * The database chooses the box, with the rows locked, so two simultaneous requests get different boxes. A
 * bot's token is sealed to its box's id, so it comes sealed to each candidate.
 */
export async function adoptOrMake(ctx: Ctx, plan: BoxPlan): Promise<SQL> {
  const { request, clusterId, now } = plan;
  const newBox = newId();
  const [made = "", ...offered] = await Promise.all(
    [newBox, ...plan.ready.map(({ id }) => id)].map((id) => seal(ctx, plan, id)),
  );
  const offers = plan.ready.map(({ id }, i) => ({ id, sealed: offered[i] }));
  const owner = ownersColumns(plan);
  const chosen = wishColumns(plan);
  const at = moment(now);
  return sql`with free as (
    select b.id, o.sealed from jsonb_to_recordset(${JSON.stringify(offers)}::jsonb) as o(id uuid, sealed text)
    join boxes b on b.id = o.id join clusters c on c.id = b.cluster_id
    where b.tier = ${request.tier}::tier and ${isReady} limit 1 for update of b skip locked
  ), adopted as (
    update boxes b set ${assignments({ ...owner, ...chosen })}, telegram_bot_token_sealed = free.sealed,
      status = 'provisioning', status_reason = null, generation = b.generation + 1, pool_result = 'hit', adopted_at = ${at},
      created_at = ${at}, updated_at = ${at}
    from free where b.id = free.id returning b.id
  )
  insert into boxes (id, cluster_id, tier, ${names({ ...owner, ...chosen })}, telegram_bot_token_sealed, pool_result, created_at, updated_at)
  select ${newBox}::uuid, ${clusterId}, ${request.tier}::tier, ${values({ ...owner, ...chosen })}, ${made},
    (select 'miss'::pool_result from warm_pools p where p.cluster_id = ${clusterId} and p.tier = ${request.tier}::tier and p.size > 0),
    ${at}, ${at}
  where not exists (select from adopted)`;
}

const seal = (ctx: Ctx, { customerId, request }: BoxPlan, id: string): Promise<string> =>
  ctx.vault.seal(placeOfBotToken({ id, customerId }), request.telegram_bot_token);

type Columns = Readonly<Record<string, SQL>>;

const ownersColumns = ({ customerId, subscriptionId, bot, request }: BoxPlan): Columns => ({
  customer_id: sql`${customerId}::uuid`,
  subscription_id: sql`${subscriptionId}::uuid`,
  telegram_bot_id: sql`${bot.id}::bigint`,
  telegram_bot_username: sql`${bot.username}`,
  ...peopleColumns(peopleIn(request)),
});

const wishColumns = ({ request }: BoxPlan): Columns => ({
  model: sql`${request.model}`,
  thinking_level: sql`${request.thinking_level}`,
  language: sql`${request.language}`,
});

const names = (columns: Columns): SQL => listed(Object.keys(columns).map((name) => sql`${sql.identifier(name)}`));
const values = (columns: Columns): SQL => listed(Object.values(columns));
const assignments = (columns: Columns): SQL =>
  listed(Object.entries(columns).map(([name, value]) => sql`${sql.identifier(name)} = ${value}`));
