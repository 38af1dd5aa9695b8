import type { CommandLine } from "../engine.ts";

/** A command as Redis' protocol sends it: an array of bulk strings. */
export function encodeCommand(command: CommandLine): string {
  const parts = command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`);
  return `*${command.length}\r\n${parts.join("")}`;
}
