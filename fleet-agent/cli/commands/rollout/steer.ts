import type { Command } from "commander";
import { Rollout } from "#schema/contracts/rollouts.ts";
import { uuid } from "../by-id.ts";
import { addChangeOptions, type ChangeOptions, change } from "../changing.ts";
import { answer, openOperator } from "../operator.ts";
import type { Terminal } from "../terminal.ts";
import { rolloutText } from "./rollout-text.ts";
import { underWay } from "./status.ts";

interface Verb {
  name: "pause" | "resume" | "abort";
  description: string;
  /** Asked before it is done. */
  question?: string;
}

const VERBS: readonly Verb[] = [
  { name: "pause", description: "Move no more boxes; a drop in health still rolls back" },
  { name: "resume", description: "Continue a paused rollout" },
  {
    name: "abort",
    description: "Stop, and return every moved box to its previous image",
    question: "Return every moved box to its previous image?",
  },
];

type Options = ChangeOptions & { cluster?: string; reason?: string };

/** `pause`, `resume` and `abort`. */
export function addSteerCommands(rollout: Command, terminal: Terminal): void {
  for (const verb of VERBS) {
    const command = rollout
      .command(verb.name)
      .description(verb.description)
      .argument("[rollout]", "a rollout's id; default: the one under way", uuid)
      .option("--cluster <id>", "the one under way in this cluster");
    if (verb.name === "abort") command.option("--reason <text>", "why; it is kept");
    addChangeOptions(command, { asks: verb.question !== undefined }).action(
      (id: string | undefined, options: Options) => steer(terminal, verb, id, options),
    );
  }
}

async function steer(terminal: Terminal, verb: Verb, id: string | undefined, options: Options): Promise<void> {
  const operator = openOperator(terminal);
  const rolloutId = id ?? (await underWay(operator, options.cluster));
  const before = await operator.get(`/internal/rollouts/${rolloutId}`, Rollout);
  const plan = {
    path: `/internal/rollouts/${rolloutId}/${verb.name}`,
    answer: Rollout,
    about: rolloutText(before),
    ...(verb.name === "abort" && { body: options.reason ? { reason: options.reason } : {} }),
    ...(verb.question !== undefined && { confirmation: { question: verb.question } }),
    // Asked twice they change nothing more; the routes know no keys.
    repeatable: false,
  };
  const changed = await change(terminal, operator, plan, options);
  if (changed) answer(terminal, options, changed, () => rolloutText(changed));
}
