import type { Reply } from "./reply.ts";

/** Name and arguments: `["SET", "key", "value"]`. */
export type CommandLine = string[];

/** Whatever runs commands: the store in this process, or a real Redis. */
export interface Engine {
  /** An error of the command is a reply; a promise is rejected only when Redis can't be reached. */
  run(command: CommandLine): Promise<Reply>;
  /** One after the other, in order; others may come in between. */
  pipeline(commands: CommandLine[]): Promise<Reply[]>;
  /** All of them with nothing in between, or a single error when one of them can't even be queued. */
  transaction(commands: CommandLine[]): Promise<Reply>;
  close(): Promise<void>;
}
