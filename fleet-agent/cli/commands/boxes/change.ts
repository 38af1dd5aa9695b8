import { type Command, Option } from "commander";
import { Accepted, type Box } from "#schema/contracts/internal.ts";
import { TIER_IDS } from "#schema/domain/tiers.ts";
import { findBox } from "../../operator/find-box.ts";
import { addChangeOptions, type ChangeOptions, change } from "../changing.ts";
import type { Confirmation } from "../confirm.ts";
import { addWaitOptions, type WaitOptions } from "../follow-job.ts";
import { openOperator } from "../operator.ts";
import type { Terminal } from "../terminal.ts";
import { nameOf, tellAccepted } from "./accepted.ts";
import { BOX_ARGUMENT, boxDetails } from "./get.ts";
import { keepUserOption, keptPeople } from "./people.ts";

interface Verb {
  name: "restart" | "suspend" | "reactivate" | "resize" | "destroy";
  description: string;
  /** Asked first. */
  confirmation?: (box: Box) => Confirmation;
  body?: (options: ResizeOptions, box: Box) => unknown;
}

const VERBS: readonly Verb[] = [
  { name: "restart", description: "Restart a box's gateway: it is down for about ten seconds, its memory stays" },
  {
    name: "suspend",
    description: "Stop a box: its token is refused at once, its pod stops, its memory stays",
    confirmation: (box) => ({ question: `Stop ${nameOf(box)}?` }),
  },
  { name: "reactivate", description: "Start a suspended box again" },
  {
    name: "resize",
    description: "Move a box to another plan; its gateway restarts",
    body: ({ tier, keepUser }, box) => ({ tier, ...(keepUser && { telegram_users: keptPeople(box, keepUser) }) }),
  },
  {
    name: "destroy",
    description: "Remove a box and its memory, for good",
    confirmation: (box) => ({
      question: `Destroy ${nameOf(box)} and everything it remembers, for good?`,
      word: box.id.slice(0, 8),
    }),
  },
];

export function addChangeCommands(boxes: Command, terminal: Terminal): void {
  for (const verb of VERBS) {
    const command = boxes.command(verb.name).description(verb.description).argument("<box>", BOX_ARGUMENT);
    if (verb.name === "resize") {
      command.addOption(new Option("--tier <tier>", "the new plan").choices(TIER_IDS).makeOptionMandatory());
      command.addOption(keepUserOption());
    }
    addWaitOptions(addChangeOptions(command, { asks: verb.confirmation !== undefined }));
    command.action((text: string, options: Options) => run(terminal, verb, text, options));
  }
}

interface ResizeOptions {
  tier?: string;
  keepUser?: number[];
}
type Options = ChangeOptions & WaitOptions & ResizeOptions;

async function run(terminal: Terminal, verb: Verb, text: string, options: Options): Promise<void> {
  const operator = openOperator(terminal);
  const box = await findBox(operator, text);
  const body = verb.body?.(options, box);
  const accepted = await change(
    terminal,
    operator,
    {
      path: `/internal/${verb.name}/${box.id}`,
      answer: Accepted,
      about: `${boxDetails(box)}\nedge        ${operator.edgeUrl}`,
      ...(body !== undefined && { body }),
      ...(verb.confirmation && { confirmation: verb.confirmation(box) }),
    },
    options,
  );
  if (accepted) await tellAccepted(terminal, operator, accepted, options);
}
