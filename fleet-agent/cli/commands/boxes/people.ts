/** Options that say who may talk to a box. */
import { InvalidArgumentError, Option } from "commander";
import type { Box, UpdateRequest } from "#schema/contracts/internal.ts";
import { changeOfPeople, type Person, peopleWords, readPerson, withPeople } from "#schema/domain/people.ts";
import type { Confirmation } from "../confirm.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { nameOf } from "./accepted.ts";

export interface PeopleOptions {
  addUser?: Person[];
  removeUser?: number[];
}

function person(text: string, before: readonly Person[] = []): Person[] {
  const read = readPerson(text);
  if (!read) throw new InvalidArgumentError("must be a Telegram user id, or an id and a name: 123456789=Ada");
  return [...before, read];
}

function userId(text: string, before: readonly number[] = []): number[] {
  if (!/^[1-9][0-9]{0,15}$/.test(text)) throw new InvalidArgumentError("must be a Telegram user id: digits only");
  return [...before, Number(text)];
}

export const peopleOptions = (): Option[] => [
  new Option("--add-user <id[=name]>", "who may talk to it, too, or gets another name; may be repeated").argParser(
    person,
  ),
  new Option("--remove-user <id>", "who may no longer talk to it; may be repeated").argParser(userId),
];

export const keepUserOption = (): Option =>
  new Option("--keep-user <id>", "who keeps access, where the new plan has room for fewer; may be repeated").argParser(
    userId,
  );

/** Those of the box whose ids are named. */
export function keptPeople({ telegram_users: people }: Box, ids: readonly number[]): Person[] {
  mustBeThere(people, ids);
  return people.filter(({ id }) => ids.includes(id));
}

/** All people that the box is to have: the request names them all, whoever is left out loses access. */
export function peopleField(box: Box, { addUser: add = [], removeUser: remove = [] }: PeopleOptions): UpdateRequest {
  if (add.length + remove.length === 0) return {};
  mustBeThere(box.telegram_users, remove);
  const after = withPeople(box.telegram_users, { add, remove });
  if (after.length === 0) throw new CommandError(EXIT.usage, "Somebody has to be left: suspend the box instead.");
  return { telegram_users: after };
}

/** Undefined where nobody loses access. */
export function lossOfAccess(box: Box, { telegram_users: after }: UpdateRequest): Confirmation | undefined {
  const removed = after ? changeOfPeople(box.telegram_users, after).removed : [];
  if (removed.length === 0) return undefined;
  return { question: `Take the access to ${nameOf(box)} away from ${peopleWords(removed)}?` };
}

/** Who was named but is not among the people: most likely a typing error, after which the wrong ones would lose access. */
function mustBeThere(people: readonly Person[], ids: readonly number[]): void {
  const strangers = ids.filter((named) => !people.some(({ id }) => id === named));
  if (strangers.length === 0) return;
  throw new CommandError(EXIT.usage, `${strangers.join(", ")} may not talk to this box anyway: nothing was sent.`);
}
