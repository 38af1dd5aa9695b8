/** Who may talk to an agent, as operators write it: an id and a name a line, or with commas between. */
import { type Person, readPerson } from "#schema/domain/people.ts";

export const PEOPLE_WORDS =
  "Enter Telegram user ids: digits only, not the @name. Each may have a name behind it: 123456789 Ada.";

/** What is no person stays as it is, so that the contract refuses it. */
export const readPeople = (text: string): (Person | string)[] =>
  text
    .split(/[\n,;]/)
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map((part) => readPerson(part) ?? part);

export const peopleText = (people: readonly Person[]): string =>
  people.map(({ id, name }) => (name === null ? String(id) : `${id} ${name}`)).join("\n");
