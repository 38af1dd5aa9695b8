import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { Option } from "commander";
import { Accepted, UpdateRequest } from "#schema/contracts/internal.ts";
import { findBox } from "../../operator/find-box.ts";
import { addChangeOptions, type ChangeOptions, change } from "../changing.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { addWaitOptions, type WaitOptions } from "../follow-job.ts";
import { openOperator } from "../operator.ts";
import type { Terminal } from "../terminal.ts";
import { tellAccepted } from "./accepted.ts";
import { type AgentOptions, addAgentOptions, agentFields } from "./agent-options.ts";
import { BOX_ARGUMENT, boxDetails } from "./get.ts";

type Options = ChangeOptions & WaitOptions & AgentOptions & PromptOptions;

interface PromptOptions {
  systemPromptFile?: string;
  removeSystemPrompt?: boolean;
}

export function addUpdateCommand(boxes: Command, terminal: Terminal): void {
  const command = boxes
    .command("update")
    .description("Change how a box's agent works; what is not named stays as it is")
    .argument("<box>", BOX_ARGUMENT);
  addAgentOptions(command)
    .option("--system-prompt-file <file>", "the customer's own system prompt; - is standard input")
    .addOption(new Option("--remove-system-prompt", "take that prompt away").conflicts("systemPromptFile"));
  addWaitOptions(addChangeOptions(command)).action((text: string, options: Options) => update(terminal, text, options));
}

async function update(terminal: Terminal, text: string, options: Options): Promise<void> {
  const operator = openOperator(terminal);
  const body = { ...agentFields(options), ...(await promptField(terminal, options)) };
  const request = UpdateRequest.safeParse(body);
  if (!request.success) throw new CommandError(EXIT.usage, usage(request.error.issues[0]?.path[0]));
  const box = await findBox(operator, text);
  const plan = { path: `/internal/update/${box.id}`, body: request.data, answer: Accepted, about: boxDetails(box) };
  const accepted = await change(terminal, operator, plan, options);
  if (accepted) await tellAccepted(terminal, operator, accepted, options);
}

const usage = (field: PropertyKey | undefined): string =>
  field === "system_prompt"
    ? "The system prompt must be 1 to 20,000 characters of text: nothing was sent."
    : "Say what to change: --model, --thinking-level, --language, --system-prompt-file or --remove-system-prompt.";

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
