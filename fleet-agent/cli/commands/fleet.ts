import type { Command } from "commander";
import { addDrainCommand } from "./fleet/drain.ts";
import { addPoolCommands } from "./fleet/pool.ts";
import { addReconcileCommand } from "./fleet/reconcile.ts";
import { addRevokeKeyCommand } from "./fleet/revoke-key.ts";
import { addStatusCommand } from "./fleet/status.ts";
import { addRolloutCommands } from "./rollout.ts";
import type { Terminal } from "./terminal.ts";

const EXAMPLES = `
Examples:
  fleet-agent fleet status
  fleet-agent fleet reconcile hel1
  fleet-agent fleet pool set hel1 --starter 4
  fleet-agent fleet drain hel1
  fleet-agent fleet drain hel1 --undo`;

export function addFleetCommands(program: Command, terminal: Terminal): void {
  const fleet = program.command("fleet").description("Inspect and steer whole clusters").addHelpText("after", EXAMPLES);
  addStatusCommand(fleet, terminal);
  addReconcileCommand(fleet, terminal);
  addDrainCommand(fleet, terminal);
  addPoolCommands(fleet, terminal);
  addRolloutCommands(fleet, terminal);
  addRevokeKeyCommand(fleet, terminal);
}
