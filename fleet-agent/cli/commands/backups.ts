import { type Command, Option } from "commander";
import { Backup, BackupAccepted, BackupList } from "#schema/contracts/backups.ts";
import { BACKUP_STATUSES } from "#schema/domain/states.ts";
import { findBox } from "../operator/find-box.ts";
import { listAll } from "../operator/list-all.ts";
import { age } from "./age.ts";
import { backupDetails, mebibytes } from "./backups/details.ts";
import { addRestoreCommand } from "./backups/restore.ts";
import { BOX_ARGUMENT, boxDetails } from "./boxes/get.ts";
import { addChangeOptions, type ChangeOptions, change } from "./changing.ts";
import { addWaitOptions, followJob, type WaitOptions } from "./follow-job.ts";
import { uuid } from "./jobs.ts";
import { addListOptions, type ListOptions, limitOf, tellMore } from "./list-options.ts";
import { answer, type JsonOptions, jsonOption, openOperator } from "./operator.ts";
import { type Column, table } from "./table.ts";
import type { Terminal } from "./terminal.ts";

const EXAMPLES = `
Examples:
  fleet-agent backup @their_bot --wait
  fleet-agent backups list --box @their_bot --status stored
  fleet-agent restore 5b0c2f4e-93c3-4c57-8d3c-0f6e64f8b8a2 --box @their_bot --wait
  fleet-agent restore 5b0c2f4e-93c3-4c57-8d3c-0f6e64f8b8a2 --new --wait < bot-token.txt`;

/** `backup`, `backups list|get`, `restore`. */
export function addBackupCommands(program: Command, terminal: Terminal): void {
  addTakeCommand(program, terminal);
  const backups = program.command("backups").description("Copies of boxes' memory").addHelpText("after", EXAMPLES);
  addListCommand(backups, terminal);
  addGetCommand(backups, terminal);
  addRestoreCommand(program, terminal).addHelpText("after", EXAMPLES);
}

function addTakeCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command("backup")
    .description("Back up a box's memory now, while it keeps working")
    .argument("<box>", BOX_ARGUMENT)
    .addHelpText("after", EXAMPLES);
  addWaitOptions(addChangeOptions(command)).action(async (text: string, options: ChangeOptions & WaitOptions) => {
    const operator = openOperator(terminal);
    const box = await findBox(operator, text);
    const plan = { path: `/internal/backup/${box.id}`, answer: BackupAccepted, about: boxDetails(box) };
    const started = await change(terminal, operator, plan, options);
    if (!started) return;
    if (options.wait) await followJob(terminal, operator, started.job, options);
    const backup = await operator.get(`/internal/backups/${started.backup.id}`, Backup);
    answer(terminal, options, { backup, job: started.job }, () => backupDetails(backup));
  });
}

interface Filter extends ListOptions {
  box?: string;
  status?: string;
}

const COLUMNS: readonly Column<Backup>[] = [
  { title: "ID", value: (backup) => backup.id },
  { title: "STATUS", value: (backup) => backup.status },
  { title: "BOX", value: (backup) => backup.box_id.slice(0, 8) },
  { title: "SIZE", value: (backup) => mebibytes(backup.bytes) },
  { title: "OPENCLAW", value: (backup) => backup.openclaw ?? "-" },
  { title: "AGE", value: (backup) => age(backup.created_at) },
  { title: "BY", value: (backup) => (backup.scheduled ? "schedule" : backup.requested_by) },
];

function addListCommand(backups: Command, terminal: Terminal): void {
  const command = backups
    .command("list")
    .description("List backups, the newest first")
    .option("--box <box>", `only those of ${BOX_ARGUMENT}`)
    .addOption(new Option("--status <status>", "only those that are so").choices(BACKUP_STATUSES));
  addListOptions(command).action(async (options: Filter) => {
    const operator = openOperator(terminal);
    const box = options.box && (await findBox(operator, options.box)).id;
    const { items, more } = await listAll(operator, "/internal/backups", {
      answer: BackupList,
      items: (page) => page.backups,
      query: { box_id: box, status: options.status },
      limit: limitOf(options),
    });
    answer(terminal, options, items, () => (items.length > 0 ? table(COLUMNS, items) : "There are no such backups."));
    if (more) tellMore(terminal, items.length);
  });
}

function addGetCommand(backups: Command, terminal: Terminal): void {
  backups
    .command("get")
    .description("Show one backup")
    .argument("<backup-id>", "a backup's id", uuid)
    .addOption(jsonOption())
    .action(async (id: string, options: JsonOptions) => {
      const backup = await openOperator(terminal).get(`/internal/backups/${id}`, Backup);
      answer(terminal, options, backup, () => backupDetails(backup));
    });
}
