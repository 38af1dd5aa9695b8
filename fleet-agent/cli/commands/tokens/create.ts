import { type Command, Option } from "commander";
import { CreatedToken, CreateTokenRequest } from "#schema/contracts/tokens.ts";
import { TOKEN_SCOPES } from "#schema/domain/states.ts";
import { addChangeOptions, type ChangeOptions, change } from "../changing.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { answer, openOperator } from "../operator.ts";
import type { Terminal } from "../terminal.ts";
import { tokenDetails } from "./details.ts";
import { openValueFile, type ValueFile, writeValue } from "./value-file.ts";

interface Options extends ChangeOptions {
  email: string;
  label: string;
  scope: string[];
  expiresAt?: string;
  valueFile: string;
}

export function addCreateCommand(tokens: Command, terminal: Terminal): void {
  const command = tokens
    .command("create")
    .description("Create a token for a customer's own programs")
    .requiredOption("--email <email>", "the customer's")
    .requiredOption("--label <label>", "what it is for, as its customer sees it")
    .requiredOption("--value-file <file>", "where to write its value; must not exist yet")
    .addOption(new Option("--scope <scopes...>", "what it may be used for").choices(TOKEN_SCOPES).default(["llm"]))
    .option("--expires-at <time>", "until when it works, such as 2027-01-31T12:00:00Z (default: until it is revoked)");
  addChangeOptions(command).action((options: Options) => create(terminal, options));
}

async function create(terminal: Terminal, options: Options): Promise<void> {
  const operator = openOperator(terminal);
  const body = readRequest(options);
  const file = options.dryRun ? undefined : openValueFile(options.valueFile);
  try {
    const created = await change(terminal, operator, { path: "/internal/tokens", body, answer: CreatedToken }, options);
    if (!created || !file) return;
    writeValue(file, created.value);
    answer(terminal, options, { token: created.token }, () => `${tokenDetails(created.token)}\n${words(file)}`);
  } finally {
    file?.close();
  }
}

function readRequest({ email, label, scope, expiresAt }: Options) {
  const typed = { customer_email: email, label, scopes: scope, expires_at: expiresAt ?? null };
  const request = CreateTokenRequest.safeParse(typed);
  if (request.success) return request.data;
  const [issue] = request.error.issues;
  throw new CommandError(EXIT.usage, `${issue?.path.join(".")} ${issue?.message}: nothing was sent.`);
}

const words = ({ path, written }: ValueFile): string =>
  written
    ? `Its value is in ${path}, which only you can read.`
    : "Its value was told to an earlier request, and is lost: rotate the token.";
