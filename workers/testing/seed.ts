/** Rows that tests begin with, written through the tables' own types. */
import { inArray } from "drizzle-orm";
import { boxes, boxHealth, clusters, customers, identities, operatorJobs, subscriptions } from "#schema/db/schema.ts";
import { newId } from "#schema/domain/ids.ts";
import type { Database } from "../integrations/database.ts";

export async function seedCluster(db: Database, values: Partial<typeof clusters.$inferInsert> = {}): Promise<string> {
  const id = values.id ?? `c-${newId().slice(-8)}`;
  await db.insert(clusters).values({ agentKeys: [], ...values, id });
  return id;
}

export interface SeededBox {
  boxId: string;
  customerId: string;
  subscriptionId: string;
}

type HealthValues = Partial<typeof boxHealth.$inferInsert>;
type BoxValues = Partial<typeof boxes.$inferInsert> & { clusterId: string };

const BOX = { tier: "starter", status: "active", model: "m", thinkingLevel: "low", language: "en" } as const;

let bots = 1_000_000;

/** Active boxes of a customer each, with a subscription that is paid for a month. */
export async function seedBoxes(
  db: Database,
  count: number,
  values: BoxValues,
  health: HealthValues = {},
): Promise<SeededBox[]> {
  const seeded = Array.from({ length: count }, () => ({
    boxId: newId(),
    customerId: newId(),
    subscriptionId: newId(),
  }));
  const currentPeriodStart = new Date();
  const currentPeriodEnd = new Date(currentPeriodStart.getTime() + 30 * 24 * 3_600_000);
  await db.insert(customers).values(seeded.map(({ customerId: id }) => ({ id, email: `${id}@example.com` })));
  await db
    .insert(identities)
    .values(
      seeded.map(({ customerId }) => ({ customerId, kind: "email" as const, subject: `${customerId}@example.com` })),
    );
  await db.insert(subscriptions).values(
    seeded.map(({ subscriptionId: id, customerId }) => ({
      id,
      customerId,
      tier: values.tier ?? BOX.tier,
      status: "active" as const,
      currentPeriodStart,
      currentPeriodEnd,
    })),
  );
  await db.insert(boxes).values(
    seeded.map(({ boxId: id, customerId, subscriptionId }) => ({
      ...BOX,
      id,
      customerId,
      subscriptionId,
      telegramBotId: bots++,
      telegramBotUsername: "my_bot",
      telegramBotTokenSealed: "v1.x",
      telegramUserIds: [1],
      ...values,
    })),
  );
  await setHealth(
    db,
    seeded.map(({ boxId }) => boxId),
    health,
  );
  return seeded;
}

export async function seedBox(db: Database, values: BoxValues): Promise<SeededBox> {
  const [seeded] = await seedBoxes(db, 1, values);
  if (!seeded) throw new Error("no box was seeded");
  return seeded;
}

/** How the boxes are; without values they stay as they were. */
export async function setHealth(db: Database, boxIds: readonly string[], values: HealthValues): Promise<void> {
  if (Object.keys(values).length === 0) return;
  await db
    .update(boxHealth)
    .set(values)
    .where(inArray(boxHealth.boxId, [...boxIds]));
}

/** Boxes of the warm pool: nobody's yet. */
export async function seedPoolBoxes(
  db: Database,
  count: number,
  values: BoxValues,
  health: HealthValues = {},
): Promise<string[]> {
  const rows = Array.from({ length: count }, () => ({ ...BOX, telegramUserIds: [], ...values, id: newId() }));
  await db.insert(boxes).values(rows);
  const ids = rows.map(({ id }) => id);
  await setHealth(db, ids, health);
  return ids;
}

type JobValues = Partial<typeof operatorJobs.$inferInsert> & { clusterId: string };

/** Queued `update` jobs, one for each box named, in that order. */
export async function seedJobs(db: Database, boxIds: readonly string[], values: JobValues): Promise<string[]> {
  const rows = boxIds.map((boxId) => ({
    type: "update" as const,
    generation: 1,
    requestedBy: "test",
    ...values,
    id: newId(),
    boxId,
  }));
  await db.insert(operatorJobs).values(rows);
  return rows.map(({ id }) => id);
}
