import { type Context, personById } from "./context.ts";
import type { Person } from "./world.ts";

export interface NewPerson {
  first_name: string;
  /** Default: the next free one. */
  id?: number;
  username?: string;
  language_code?: string;
}

/** @throws Error if the id is taken or the name is empty */
export function createPerson(ctx: Context, { first_name, id, username, language_code = "en" }: NewPerson): Person {
  const { world } = ctx.storage;
  const name = first_name.trim();
  if (name === "" || name.length > 64) throw new Error("A name has 1 to 64 characters.");
  while (personById(ctx, world.nextUserId)) world.nextUserId++;
  const person = { id: id ?? world.nextUserId, first_name: name, ...(username && { username }), language_code };
  if (personById(ctx, person.id)) throw new Error(`The user id ${person.id} is taken.`);
  world.users.push(person);
  ctx.storage.changed();
  return person;
}
