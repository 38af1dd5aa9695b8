import { CommandError, EXIT } from "./exit-codes.ts";
import type { Terminal } from "./terminal.ts";

export interface Confirmation {
  /** Ends with a question mark. */
  question: string;
  /** What has to be typed for what can't be undone; without it `y` is enough. */
  word?: string;
}

/** Returns where the person wants it, or `--yes` said so. Throws `refused` otherwise, also where nobody can be asked. */
export async function confirm(terminal: Terminal, { question, word }: Confirmation, yes = false): Promise<void> {
  if (yes) return;
  if (!terminal.interactive) {
    throw new CommandError(EXIT.refused, `${question} There is no terminal to ask on: confirm with --yes.`);
  }
  const hint = word ? `Type ${word} to go on: ` : "[y/N] ";
  const reply = (await terminal.ask(`${question} ${hint}`)).trim();
  const agreed = word ? reply === word : /^y(es)?$/i.test(reply);
  if (!agreed) throw new CommandError(EXIT.refused, "Nothing was done.");
}
