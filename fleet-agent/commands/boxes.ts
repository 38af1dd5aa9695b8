import type { Command } from "commander";
import { addGetCommand } from "./boxes/get.ts";
import { addListCommand } from "./boxes/list.ts";
import type { Terminal } from "./terminal.ts";

export function addBoxCommands(program: Command, terminal: Terminal): void {
  const boxes = program.command("boxes").description("Customers' agents: look at them and change them");
  addListCommand(boxes, terminal);
  addGetCommand(boxes, terminal);
}
