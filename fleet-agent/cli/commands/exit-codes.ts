/** What the process ends with. docs/05-command-line.md tells people; scripts may rely on it. */
export const EXIT = {
  ok: 0,
  /** It was tried and did not work out: a job failed, a check found something, a box differs. */
  failed: 1,
  /** The command or the settings are wrong; nothing was sent. */
  usage: 2,
  notFound: 3,
  /** The edge, the cluster or the person at the terminal said no. */
  refused: 4,
  /** No answer, or one that says "later". */
  unreachable: 5,
  /** Ctrl-C. What was begun at the edge goes on there. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command in words for a person: printed as they are, without a stack. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.exitCode = exitCode;
  }
}
