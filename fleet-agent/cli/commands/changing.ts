import type { Command } from "commander";
import type * as z from "zod";
import type { OperatorClient } from "../operator/operator-client.ts";
import { type Confirmation, confirm } from "./confirm.ts";
import { answer, type JsonOptions, jsonOption } from "./operator.ts";
import type { Terminal } from "./terminal.ts";

export interface ChangeOptions extends JsonOptions {
  dryRun?: boolean;
  yes?: boolean;
}

/** One request that changes something. */
export interface Change<S extends z.ZodType> {
  /** Default: POST. */
  method?: "PUT";
  path: string;
  body?: unknown;
  answer: S;
  /** What it is about, in words: shown before the question and by `--dry-run`. */
  about?: string;
  /** Asked first, unless `--yes`. */
  confirmation?: Confirmation;
  /** Whether the route knows idempotency keys. */
  repeatable?: boolean;
}

/** `--dry-run` and `--json`; `--yes` where the change is asked about. */
export function addChangeOptions(command: Command, { asks = false } = {}): Command {
  command.option("--dry-run", "show what would be sent, and send nothing").addOption(jsonOption());
  return asks ? command.option("-y, --yes", "don't ask") : command;
}

/** The edge's answer; undefined after `--dry-run`, which has told what would be sent. */
export async function change<S extends z.ZodType>(
  terminal: Terminal,
  operator: OperatorClient,
  plan: Change<S>,
  options: ChangeOptions,
): Promise<z.infer<S> | undefined> {
  if (options.dryRun) {
    tellPlan(terminal, operator, plan, options);
    return undefined;
  }
  if (plan.confirmation) {
    if (plan.about && !options.yes) terminal.tell(plan.about);
    await confirm(terminal, plan.confirmation, options.yes);
  }
  const { path, body, method, repeatable = true } = plan;
  return operator.post(path, plan.answer, body, { repeatable, ...(method && { method }) });
}

function tellPlan(terminal: Terminal, { edgeUrl }: OperatorClient, plan: Change<z.ZodType>, options: ChangeOptions) {
  const { method = "POST", path, body } = plan;
  const request = { method, url: edgeUrl + path, ...(body !== undefined && { body }) };
  answer(terminal, options, { dry_run: true, request }, () => {
    const json = body === undefined ? "" : ` ${JSON.stringify(body)}`;
    return `${plan.about ? `${plan.about}\n\n` : ""}Nothing was sent. This would be: ${method} ${request.url}${json}`;
  });
}
