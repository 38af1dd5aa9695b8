import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { Option } from "commander";
import { Accepted, UpdateRequest } from "#schema/contracts/internal.ts";
import { MOST_PEOPLE } from "#schema/domain/people.ts";
import { findBox } from "../../operator/find-box.ts";
import { readBotToken } from "../bot-token.ts";
import { addChangeOptions, type ChangeOptions, change } from "../changing.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { addWaitOptions, type WaitOptions } from "../follow-job.ts";
import { openOperator } from "../operator.ts";
import type { Terminal } from "../terminal.ts";
import { tellAccepted } from "./accepted.ts";
import { type AgentOptions, addAgentOptions, agentFields } from "./agent-options.ts";
import { BOX_ARGUMENT, boxDetails } from "./get.ts";
import { lossOfAccess, type PeopleOptions, peopleField, peopleOptions } from "./people.ts";

type Options = ChangeOptions & WaitOptions & AgentOptions & PromptOptions & PeopleOptions & { newBot?: boolean };

interface PromptOptions {
  systemPromptFile?: string;
  removeSystemPrompt?: boolean;
}

export function addUpdateCommand(boxes: Command, terminal: Terminal): void {
  const command = boxes
    .command("update")
    .description("Change a box's bot, people or how its agent works; what is not named stays as it is")
    .argument("<box>", BOX_ARGUMENT)
    .addOption(
      new Option(
        "--new-bot",
        "give it another bot, or its bot's new token, read from standard input, never from an argument",
      ),
    );
  for (const option of peopleOptions()) command.addOption(option);
  addAgentOptions(command)
    .option("--system-prompt-file <file>", "the customer's own system prompt; - is standard input")
    .addOption(new Option("--remove-system-prompt", "take that prompt away").conflicts("systemPromptFile"));
  addWaitOptions(addChangeOptions(command, { asks: true })).action((text: string, options: Options) =>
    update(terminal, text, options),
  );
}

async function update(terminal: Terminal, text: string, options: Options): Promise<void> {
  const operator = openOperator(terminal);
  if (options.newBot && options.systemPromptFile === "-") throw new CommandError(EXIT.usage, ONE_INPUT);
  const settings = { ...agentFields(options), ...(await promptField(terminal, options)) };
  const box = await findBox(operator, text);
  const given = { ...settings, ...peopleField(box, options) };
  const fields = options.newBot && Object.keys(given).length === 0 ? {} : checked(given);
  const confirmation = lossOfAccess(box, fields);
  const plan = {
    path: `/internal/update/${box.id}`,
    body: options.newBot && !options.dryRun ? { ...fields, telegram_bot_token: await readBotToken(terminal) } : fields,
    answer: Accepted,
    about: boxDetails(box),
    ...(confirmation && { confirmation }),
  };
  const accepted = await change(terminal, operator, plan, options);
  if (accepted) await tellAccepted(terminal, operator, accepted, options);
}

const ONE_INPUT = "Standard input is the bot's token: give the system prompt as a file. Nothing was sent.";

function checked(given: unknown): UpdateRequest {
  const request = UpdateRequest.safeParse(given);
  if (request.success) return request.data;
  throw new CommandError(EXIT.usage, usage(request.error.issues[0]?.path[0]));
}

function usage(field: PropertyKey | undefined): string {
  if (field === "system_prompt") return "The system prompt must be 1 to 20,000 characters of text: nothing was sent.";
  if (field === "telegram_users") return PEOPLE;
  return `Say what to change: ${CHANGES.join(", ")} or --remove-system-prompt.`;
}

const PEOPLE = `A box has at most ${MOST_PEOPLE} people, each once, with a name of 64 characters at most: nothing was sent.`;
const CHANGES = [
  "--new-bot",
  "--add-user",
  "--remove-user",
  "--model",
  "--thinking-level",
  "--language",
  "--system-prompt-file",
];

async function promptField(
  terminal: Terminal,
  { systemPromptFile: file, removeSystemPrompt }: PromptOptions,
): Promise<{ system_prompt?: string | null }> {
  if (removeSystemPrompt) return { system_prompt: null };
  if (file === undefined) return {};
  return { system_prompt: file === "-" ? await terminal.readInput() : readText(file) };
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new CommandError(EXIT.usage, `${file} can't be read: nothing was sent.`);
  }
}
