import { createInterface } from "node:readline";

/** Everything a command has of the world around it, so that a test can be that world. */
export interface Terminal {
  env: Readonly<Record<string, string | undefined>>;
  /** A line of the answer: standard output, and nothing else goes there. */
  print(line: string): void;
  /** A line beside the answer: progress, warnings, questions. Standard error. */
  tell(line: string): void;
  /** Whether a person sits there and can be asked. */
  interactive: boolean;
  /** Throws when the person interrupts instead. `hidden`: what is typed is not shown. */
  ask(question: string, options?: { hidden?: boolean }): Promise<string>;
  /** All of standard input; for what must not be an argument. */
  readInput(): Promise<string>;
  /** Aborts at the first Ctrl-C or SIGTERM. */
  interrupt: AbortSignal;
}

/** This process. A second signal ends it at once. */
export function openTerminal(env: Terminal["env"]): Terminal {
  const interrupted = new AbortController();
  const onSignal = () => {
    if (interrupted.signal.aborted) process.exit(130);
    interrupted.abort();
  };
  process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
  // `fleet-agent boxes list | head` closes the pipe before we are done.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === "EPIPE" ? 0 : 1);
  });
  return {
    env,
    print: (line) => void process.stdout.write(`${line}\n`),
    tell: (line) => void process.stderr.write(`${line}\n`),
    interactive: Boolean(process.stdin.isTTY && process.stderr.isTTY),
    ask: (question, { hidden = false } = {}) => ask(question, hidden, interrupted),
    readInput: async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of process.stdin) chunks.push(chunk);
      return Buffer.concat(chunks).toString("utf8");
    },
    interrupt: interrupted.signal,
  };
}

async function ask(question: string, hidden: boolean, interrupted: AbortController): Promise<string> {
  process.stderr.write(question);
  // Without an output readline echoes nothing; in raw mode neither does the terminal.
  const lines = createInterface({
    input: process.stdin,
    ...(hidden ? { terminal: true } : { output: process.stderr, terminal: true }),
  });
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once("line", resolve);
      // In raw mode Ctrl-C is a character and no signal.
      lines.once("SIGINT", () => interrupted.abort());
      lines.once("close", () => reject(new Error("nothing was answered")));
      interrupted.signal.addEventListener("abort", () => reject(interrupted.signal.reason), { once: true });
    });
  } finally {
    lines.close();
    if (hidden) process.stderr.write("\n");
  }
}
