import type { Command } from "commander";
import { Backup, BackupAccepted, BackupList } from "#schema/contracts/backups.ts";
import { BACKUP_STATUSES } from "#schema/domain/states.ts";
import { findBox } from "../operator/find-box.ts";
import { age } from "./age.ts";
import { backupDetails, mebibytes } from "./backups/details.ts";
import { addRestoreCommand } from "./backups/restore.ts";
import { BOX_ARGUMENT, boxDetails } from "./boxes/get.ts";
import { addGetCommand } from "./by-id.ts";
import { addChangeOptions, type ChangeOptions, change } from "./changing.ts";
import { addWaitOptions, followJob, type WaitOptions } from "./follow-job.ts";
import { addListCommand, BOX_FILTER, type ListOf, statusFilter } from "./list.ts";
import { answer, openOperator } from "./operator.ts";
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
  addListCommand(backups, terminal, BACKUPS);
  addGetCommand(backups, terminal, {
    name: "backup",
    argument: "<backup-id>",
    answer: Backup,
    text: backupDetails,
  });
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

const BACKUPS: ListOf<"backups", Backup> = {
  things: "backups",
  answer: BackupList,
  columns: [
    { title: "ID", value: (backup) => backup.id },
    { title: "STATUS", value: (backup) => backup.status },
    { title: "BOX", value: (backup) => backup.box_id.slice(0, 8) },
    { title: "SIZE", value: (backup) => mebibytes(backup.bytes) },
    { title: "OPENCLAW", value: (backup) => backup.openclaw ?? "-" },
    { title: "AGE", value: (backup) => age(backup.created_at) },
    { title: "BY", value: (backup) => (backup.scheduled ? "schedule" : backup.requested_by) },
  ],
  filters: [BOX_FILTER, statusFilter(BACKUP_STATUSES)],
};
