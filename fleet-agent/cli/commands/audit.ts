import { type Command, Option } from "commander";
import { type AuditEntry, AuditList } from "#schema/contracts/audit.ts";
import { age } from "./age.ts";
import { addListCommand, BOX_FILTER, type ListOf } from "./list.ts";
import type { Terminal } from "./terminal.ts";

const EXAMPLES = `
Examples:
  fleet-agent audit list --box @their_bot
  fleet-agent audit list --actor operator:ops --action box.destroy`;

export function addAuditCommands(program: Command, terminal: Terminal): void {
  const audit = program
    .command("audit")
    .description("Who did what: every change that operators, customers, agents and the edge itself made")
    .addHelpText("after", EXAMPLES);
  addListCommand(audit, terminal, ENTRIES);
}

const ENTRIES: ListOf<"entries", AuditEntry> = {
  things: "entries",
  path: "audit",
  answer: AuditList,
  columns: [
    { title: "AT", value: (entry) => entry.at },
    { title: "AGE", value: (entry) => age(entry.at) },
    { title: "WHO", value: (entry) => entry.actor },
    { title: "DID", value: (entry) => entry.action },
    { title: "TO", value: (entry) => entry.subject },
    { title: "WITH", value: ({ detail }) => (Object.keys(detail).length > 0 ? JSON.stringify(detail) : "-") },
  ],
  filters: [
    BOX_FILTER,
    { option: new Option("--subject <id>", "only what was done to this job, token, rollout or cluster") },
    { option: new Option("--actor <actor>", "only what this one did: operator:<key's name>, customer:<id>, system") },
    { option: new Option("--action <action>", "only this, such as box.destroy") },
  ],
};
