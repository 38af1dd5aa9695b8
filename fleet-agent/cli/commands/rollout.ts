import type { Command } from "commander";
import { addListCommand } from "./list.ts";
import { addFirstCommand, addImagesCommand, addRegisterCommand } from "./rollout/images.ts";
import { addStartCommand } from "./rollout/start.ts";
import { addStatusCommand, ROLLOUTS } from "./rollout/status.ts";
import { addSteerCommands } from "./rollout/steer.ts";
import type { Terminal } from "./terminal.ts";

const EXAMPLES = `
Examples:
  fleet-agent fleet rollout register registry.example/gateway@sha256:… --openclaw 2026.10.0
  fleet-agent fleet rollout start registry.example/gateway@sha256:… --canary 5 --waves 25,50,100
  fleet-agent fleet rollout status --wait
  fleet-agent fleet rollout abort --reason "customers report slow answers"`;

/** `fleet rollout …` */
export function addRolloutCommands(fleet: Command, terminal: Terminal): void {
  const rollout = fleet
    .command("rollout")
    .description("Register gateway images and roll them out")
    .addHelpText("after", EXAMPLES);
  addImagesCommand(rollout, terminal);
  addRegisterCommand(rollout, terminal);
  addStartCommand(rollout, terminal);
  addStatusCommand(rollout, terminal);
  addListCommand(rollout, terminal, ROLLOUTS);
  addSteerCommands(rollout, terminal);
  addFirstCommand(rollout, terminal);
}
