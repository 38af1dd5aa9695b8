import { type Command, InvalidArgumentError } from "commander";
import { RotatedToken, RotateTokenRequest, Token } from "#schema/contracts/tokens.ts";
import { uuid } from "../by-id.ts";
import { addChangeOptions, type ChangeOptions, change } from "../changing.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { addWaitOptions, followJob, type WaitOptions } from "../follow-job.ts";
import { answer, openOperator } from "../operator.ts";
import type { Terminal } from "../terminal.ts";
import { tokenDetails } from "./details.ts";
import { openValueFile, type ValueFile, writeValue } from "./value-file.ts";

type Options = ChangeOptions & WaitOptions & { overlap?: number; valueFile?: string };

export function addRotateCommand(tokens: Command, terminal: Terminal): void {
  const command = tokens
    .command("rotate")
    .description("Replace an active token; a box receives its new one through a job")
    .argument("<token-id>", "a token's id", uuid)
    .option("--overlap <seconds>", "how long the old one keeps working; 0: not at all (default: a day)", overlap)
    .option("--value-file <file>", "where to write the new value of a customer's own token; must not exist yet");
  addWaitOptions(addChangeOptions(command, { asks: true })).action((id: string, options: Options) =>
    rotate(terminal, id, options),
  );
}

async function rotate(terminal: Terminal, id: string, options: Options): Promise<void> {
  const operator = openOperator(terminal);
  const token = await operator.get(`/internal/tokens/${id}`, Token);
  const file = options.dryRun ? undefined : valueFile(token, options.valueFile);
  try {
    const plan = planOf(token, options);
    const rotated = await change(terminal, operator, plan, options);
    if (!rotated) return;
    if (file) writeValue(file, rotated.value);
    const { value: _, ...shown } = rotated;
    if (rotated.job && options.wait) await followJob(terminal, operator, rotated.job, options);
    answer(terminal, options, shown, () => words(rotated, file, options));
  } finally {
    file?.close();
  }
}

const planOf = (token: Token, { overlap }: Options) => ({
  path: `/internal/tokens/${token.id}/rotate`,
  body: overlap === undefined ? {} : { overlap_seconds: overlap },
  answer: RotatedToken,
  about: tokenDetails(token),
  confirmation: {
    question: `Put a new token in the place of …${token.last4} of ${token.customer_email ?? token.customer_id}?`,
  },
});

/** A box's new token goes to its pod only. */
function valueFile(token: Token, path: string | undefined): ValueFile | undefined {
  if (token.box_id !== null) {
    if (path) throw new CommandError(EXIT.usage, "This is a box's token: its value is sent to its pod only.");
    return undefined;
  }
  if (!path) {
    throw new CommandError(
      EXIT.usage,
      "This is a customer's own token, and its new value is shown only once: name a new file for it with --value-file.",
    );
  }
  return openValueFile(path);
}

function words({ token, replaced, job }: RotatedToken, file: ValueFile | undefined, { wait }: Options): string {
  const until = replaced.status === "revoked" ? "is refused from now on" : `works until ${replaced.expires_at}`;
  const lines = [`The new token is ${token.id} (…${token.last4}). The old one (…${replaced.last4}) ${until}.`];
  if (file?.written) lines.push(`Its value is in ${file.path}, which only you can read.`);
  if (file && !file.written) lines.push("Its value was told to an earlier request, and is lost: rotate the new token.");
  if (job)
    lines.push(wait ? "The box has it." : `The box gets it by job ${job.id}: fleet-agent jobs get ${job.id} --wait`);
  return lines.join("\n");
}

function overlap(text: string): number {
  const parsed = RotateTokenRequest.safeParse({ overlap_seconds: /^\d+$/.test(text) ? Number(text) : Number.NaN });
  if (!parsed.success) throw new InvalidArgumentError("must be a number of seconds, a week (604800) at most");
  return parsed.data.overlap_seconds;
}
