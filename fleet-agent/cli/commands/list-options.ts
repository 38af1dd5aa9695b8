import type { Command } from "commander";
import { wholeNumber } from "./desired.ts";
import { type JsonOptions, jsonOption } from "./operator.ts";
import type { Terminal } from "./terminal.ts";

export interface ListOptions extends JsonOptions {
  limit: number;
  all?: boolean;
}

export const addListOptions = (command: Command): Command =>
  command
    .option("--limit <n>", "the most to list", wholeNumber, 100)
    .option("--all", "list all of them")
    .addOption(jsonOption());

export const limitOf = ({ limit, all }: ListOptions): number => (all ? Number.POSITIVE_INFINITY : Math.max(1, limit));

export const tellMore = (terminal: Terminal, shown: number): void =>
  terminal.tell(`These are the newest ${shown}; --all shows the rest.`);
