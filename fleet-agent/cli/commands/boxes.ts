import type { Command } from "commander";
import { addChangeCommands } from "./boxes/change.ts";
import { addDiffCommand } from "./boxes/diff.ts";
import { addGetCommand } from "./boxes/get.ts";
import { BOXES } from "./boxes/list.ts";
import { addLogsCommand } from "./boxes/logs.ts";
import { addProvisionCommand } from "./boxes/provision.ts";
import { addUpdateCommand } from "./boxes/update.ts";
import { addListCommand } from "./list.ts";
import type { Terminal } from "./terminal.ts";

const EXAMPLES = `
Examples:
  fleet-agent boxes list --status failed
  fleet-agent boxes get @their_bot
  fleet-agent boxes logs @their_bot --since 15m --follow
  fleet-agent boxes update @their_bot --language pt --wait
  fleet-agent boxes update @their_bot --add-user 123456789=Grace
  fleet-agent boxes restart 3f2a91c4 --wait
  fleet-agent boxes destroy 3f2a91c4 --dry-run`;

export function addBoxCommands(program: Command, terminal: Terminal): void {
  const boxes = program.command("boxes").description("Inspect and change boxes").addHelpText("after", EXAMPLES);
  addListCommand(boxes, terminal, BOXES);
  addGetCommand(boxes, terminal);
  addDiffCommand(boxes, terminal);
  addLogsCommand(boxes, terminal);
  addProvisionCommand(boxes, terminal);
  addUpdateCommand(boxes, terminal);
  addChangeCommands(boxes, terminal);
}
