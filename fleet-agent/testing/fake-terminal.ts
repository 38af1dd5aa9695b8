import type { Terminal } from "../cli/commands/terminal.ts";

export interface FakeTerminal extends Terminal {
  /** What was printed and told, line by line. */
  out: string[];
  err: string[];
  /** What the person types, one answer a question; without one the test fails. */
  answers: string[];
  /** Ctrl-C. */
  interruptNow(): void;
}

/** A person, or a script (`interactive: false`), in front of a command. */
export function fakeTerminal(env: Terminal["env"] = {}, { interactive = false, input = "" } = {}): FakeTerminal {
  const interrupted = new AbortController();
  const terminal: FakeTerminal = {
    env,
    out: [],
    err: [],
    answers: [],
    interactive,
    interrupt: interrupted.signal,
    interruptNow: () => interrupted.abort(),
    print: (line) => void terminal.out.push(line),
    tell: (line) => void terminal.err.push(line),
    readInput: async () => input,
    ask: async (question) => {
      terminal.err.push(question);
      const answer = terminal.answers.shift();
      if (answer === undefined) throw new Error(`nobody answers: ${question}`);
      return answer;
    },
  };
  return terminal;
}
