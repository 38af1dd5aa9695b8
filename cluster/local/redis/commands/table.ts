import type { CommandTable } from "./command.ts";
import { hashes } from "./hashes.ts";
import { keys } from "./keys.ts";
import { lists } from "./lists.ts";
import { server } from "./server.ts";
import { sets } from "./sets.ts";
import { sortedSets } from "./sorted-sets.ts";
import { strings } from "./strings.ts";

/** Every command that the store in this process knows. */
export const commandTable: CommandTable = {
  ...strings,
  ...keys,
  ...hashes,
  ...sets,
  ...lists,
  ...sortedSets,
  ...server,
};
