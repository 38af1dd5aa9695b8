import { type Command, InvalidArgumentError, Option } from "commander";
import { TIER_IDS } from "#schema/domain/tiers.ts";
import { readClusterSettings } from "../../config/config.ts";
import { desiredList, type PrintOptions } from "./print-desired.ts";
import type { Terminal } from "./terminal.ts";

export function addDesiredCommand(program: Command, terminal: Terminal): void {
  program
    .command("desired")
    .description("Print a box's Kubernetes objects as one JSON list, for kubectl apply -f -")
    .requiredOption("--file <box.json>", "the box's configuration; - is standard input")
    .addOption(new Option("--tier <tier>", "the box's plan").choices(TIER_IDS).default("starter"))
    .addOption(
      new Option("--status <status>", "what the box should be").choices(["active", "suspended"]).default("active"),
    )
    .option("--fence <n>", "the fence to write", wholeNumber, 1)
    .option("--restart-token <token>", "another value restarts the pod", "0")
    .addHelpText("after", "\nReads the kube part of `fleet-agent run --help`'s environment.")
    .action((options: PrintOptions) => terminal.print(desiredList(options, readClusterSettings(terminal.env))));
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError("must be a whole number");
  return Number(text);
}
