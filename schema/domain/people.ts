/** Who may talk to an agent: people by their Telegram user ids, as many as the tier has room for. */
import { TIERS, type TierId } from "./tiers.ts";

export interface Person {
  id: number;
  /** For operators, who can't tell people apart by their ids. */
  name: string | null;
}

/** The most that any tier has room for. */
export const MOST_PEOPLE = Math.max(...Object.values(TIERS).map(({ telegramUsers }) => telegramUsers));

export const personWords = ({ id, name }: Person): string => (name === null ? String(id) : `${name} (${id})`);
export const peopleWords = (people: readonly Person[]): string => people.map(personWords).join(", ");

/** The names as they are stored beside the ids. */
export const namesById = (people: readonly Person[]): Record<string, string> =>
  Object.fromEntries(people.flatMap(({ id, name }) => (name === null ? [] : [[String(id), name]])));

export const namedPeople = (ids: readonly number[], names: Readonly<Record<string, string>>): Person[] =>
  ids.map((id) => ({ id, name: names[id] ?? null }));

/** Undefined if the tier has room for so many. */
export function tooManyPeople(tier: TierId, people: readonly Person[]): string | undefined {
  const { name, telegramUsers: room } = TIERS[tier];
  if (people.length <= room) return undefined;
  return `The plan ${name} has room for ${room === 1 ? "one person" : `${room} people`}, not for ${people.length}`;
}

/**
 * Why a box with these people can't move to the tier before somebody chooses who stays. Undefined if all can stay: nobody
 * loses access by a change of the plan alone.
 */
export function choiceNeeded(tier: TierId, people: readonly Person[]): string | undefined {
  const tooMany = tooManyPeople(tier, people);
  if (tooMany === undefined) return undefined;
  return `${tooMany}. Choose who keeps access, in telegram_users; the others lose it: ${peopleWords(people)}`;
}

export interface PeopleChange {
  added: Person[];
  removed: Person[];
  renamed: Person[];
}

export function changeOfPeople(before: readonly Person[], after: readonly Person[]): PeopleChange {
  const without = (people: readonly Person[], others: readonly Person[]) =>
    people.filter(({ id }) => !others.some((other) => other.id === id));
  return {
    added: without(after, before),
    removed: without(before, after),
    renamed: after.filter(({ id, name }) => before.some((old) => old.id === id && old.name !== name)),
  };
}

/** Somebody who is there already keeps the place and gets the new name, if there is one. */
export function withPeople(
  people: readonly Person[],
  { add, remove }: { add: readonly Person[]; remove: readonly number[] },
): Person[] {
  const named = (person: Person) => add.findLast(({ id, name }) => id === person.id && name !== null) ?? person;
  const { added } = changeOfPeople(people, add);
  return [...people.map(named), ...added].filter(({ id }) => !remove.includes(id));
}

/** An id, and after a space, `=` or `:` a name, as people write it. Undefined if it does not begin with an id. */
export function readPerson(text: string): Person | undefined {
  const line = text.slice(0, 200).trim();
  const [id = ""] = /^[1-9][0-9]{0,15}(?![^\s=:])/.exec(line) ?? [];
  if (id === "") return undefined;
  const name = line.slice(id.length).replace(/^[\s=:]+/, "");
  return { id: Number(id), name: name === "" ? null : name };
}
