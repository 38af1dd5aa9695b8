/** Who may talk to a box, as its row has them. */
import { type SQL, sql } from "drizzle-orm";
import { AppError } from "#schema/domain/errors.ts";
import { changeOfPeople, namedPeople, namesById, type Person, tooManyPeople } from "#schema/domain/people.ts";
import type { TierId } from "#schema/domain/tiers.ts";
import { listed, moment } from "../sql.ts";
import type { BoxRow } from "./owned-box.ts";

export const peopleOf = ({ telegramUserIds, telegramUserNames }: BoxRow): Person[] =>
  namedPeople(telegramUserIds, telegramUserNames);

const idsOf = (people: readonly Person[]): SQL =>
  sql`array[${listed(people.map(({ id }) => sql`${id}::bigint`))}]::bigint[]`;

/** The columns of `boxes`, by name. */
export const peopleColumns = (people: readonly Person[]): Record<string, SQL> => ({
  telegram_user_ids: idsOf(people),
  telegram_user_names: sql`${JSON.stringify(namesById(people))}::jsonb`,
});

export const peopleAssignments = (people: readonly Person[]): SQL[] =>
  Object.entries(peopleColumns(people)).map(([name, value]) => sql`${sql.identifier(name)} = ${value}`);

/** Throws `invalid_request` if the tier has no room for so many. */
export function checkRoom(tier: TierId, people: readonly Person[]): void {
  const detail = tooManyPeople(tier, people);
  if (detail === undefined) return;
  throw new AppError("invalid_request", detail, { fields: [{ pointer: "/telegram_users", detail }] });
}

/** For the audit log: ids alone, which stay when a name is corrected. */
export function peopleDetail(box: BoxRow, after: readonly Person[]): Record<string, string> {
  const { added, removed, renamed } = changeOfPeople(peopleOf(box), after);
  const changes = { people_added: added, people_removed: removed, people_renamed: renamed };
  return Object.fromEntries(
    Object.entries(changes).flatMap(([name, people]) =>
      people.length === 0 ? [] : [[name, people.map(({ id }) => id).join(", ")]],
    ),
  );
}

/** A part of a change's statement: a customer who is no longer among the people was a mistake; the first one is the customer. */
export const correctCustomer = (people: readonly Person[], now: Date): SQL =>
  sql`update customers c set telegram_user_id = ${people[0]?.id ?? null}::bigint, updated_at = ${moment(now)} from changed
    where c.id = changed.customer_id and (c.telegram_user_id is null or c.telegram_user_id <> all(${idsOf(people)}))`;
