import type { Command } from "commander";
import { Backup, type RestoreRequest } from "#schema/contracts/backups.ts";
import { Accepted, Box } from "#schema/contracts/internal.ts";
import { findBox } from "../../operator/find-box.ts";
import type { OperatorClient } from "../../operator/operator-client.ts";
import { readBotToken } from "../bot-token.ts";
import { BOX_ARGUMENT } from "../boxes/get.ts";
import { uuid } from "../by-id.ts";
import { addChangeOptions, type ChangeOptions, change } from "../changing.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { addWaitOptions, followJob, type WaitOptions } from "../follow-job.ts";
import { answer, openOperator } from "../operator.ts";
import type { Terminal } from "../terminal.ts";
import { backupDetails } from "./details.ts";

type Options = ChangeOptions & WaitOptions & { box?: string; new?: boolean };

export function addRestoreCommand(program: Command, terminal: Terminal): Command {
  const command = program
    .command("restore")
    .description("Put a backup into a box of its customer, or into a new one like the box that was backed up")
    .argument("<backup-id>", "a stored backup's id", uuid)
    .option("--box <box>", `into ${BOX_ARGUMENT}; its present memory is replaced`)
    .option("--new", "into a new box; its bot's token is read from standard input, never from an argument");
  return addWaitOptions(addChangeOptions(command, { asks: true })).action((id: string, options: Options) =>
    restore(terminal, id, options),
  );
}

async function restore(terminal: Terminal, id: string, options: Options): Promise<void> {
  if ((options.box === undefined) === !options.new) {
    throw new CommandError(EXIT.usage, "Say where to: --box <box>, or --new for a new box.");
  }
  const operator = openOperator(terminal);
  const backup = await operator.get(`/internal/backups/${id}`, Backup);
  const { body, question } = options.box ? await intoBox(operator, options.box) : await intoNew(terminal, options);
  const plan = {
    path: `/internal/backups/${id}/restore`,
    body,
    answer: Accepted,
    about: backupDetails(backup),
    confirmation: { question },
  };
  const accepted = await change(terminal, operator, plan, options);
  if (!accepted) return;
  const { box, job } = accepted;
  if (!options.wait) {
    const follow = `Follow it: fleet-agent jobs get ${job.id} --wait`;
    return answer(terminal, options, accepted, () => `Box ${box.id} gets the backup by job ${job.id}.\n${follow}`);
  }
  const ended = await followJob(terminal, operator, job, options);
  const now = await operator.get(`/internal/boxes/${box.id}`, Box);
  answer(terminal, options, { box: now, job: ended }, () => `Box ${box.id} has the backup, and is ${now.status}.`);
}

interface Target {
  body: RestoreRequest;
  question: string;
}

async function intoBox(operator: OperatorClient, text: string): Promise<Target> {
  const box = await findBox(operator, text);
  const name = `@${box.telegram_bot_username} of ${box.customer_email ?? box.customer_id}`;
  return { body: { box_id: box.id }, question: `Replace what ${name} remembers by this backup?` };
}

async function intoNew(terminal: Terminal, { dryRun }: Options): Promise<Target> {
  const question = "Make a new box with this backup?";
  if (dryRun) return { body: {}, question };
  return { body: { telegram_bot_token: await readBotToken(terminal) }, question };
}
