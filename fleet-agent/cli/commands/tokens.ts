import type { Command } from "commander";
import { LookupTokenRequest, Token } from "#schema/contracts/tokens.ts";
import { addGetCommand, addStepCommand, type Kind } from "./by-id.ts";
import { CommandError, EXIT } from "./exit-codes.ts";
import { addListCommand } from "./list.ts";
import { answer, type JsonOptions, jsonOption, openOperator } from "./operator.ts";
import type { Terminal } from "./terminal.ts";
import { addCreateCommand } from "./tokens/create.ts";
import { tokenDetails } from "./tokens/details.ts";
import { TOKENS } from "./tokens/list.ts";
import { addRotateCommand } from "./tokens/rotate.ts";

const EXAMPLES = `
Examples:
  fleet-agent tokens list --box @their_bot
  fleet-agent tokens lookup < leaked.txt
  fleet-agent tokens create --email ada@example.com --label laptop --value-file token.txt
  fleet-agent tokens rotate 5b0c2f4e-93c3-4c57-8d3c-0f6e64f8b8a2 --overlap 0 --wait
  fleet-agent tokens revoke 5b0c2f4e-93c3-4c57-8d3c-0f6e64f8b8a2`;

export function addTokenCommands(program: Command, terminal: Terminal): void {
  const tokens = program
    .command("tokens")
    .description("Tokens for the model proxy; a token's value is never shown")
    .addHelpText("after", EXAMPLES);
  addListCommand(tokens, terminal, TOKENS);
  addGetCommand(tokens, terminal, TOKEN);
  addLookupCommand(tokens, terminal);
  addCreateCommand(tokens, terminal);
  addRotateCommand(tokens, terminal);
  addStepCommand(tokens, terminal, TOKEN, {
    name: "revoke",
    description: "Revoke a token, at once and for good; rotate a box's token instead",
    question: ({ last4, customer_email, customer_id }) =>
      `End the token …${last4} of ${customer_email ?? customer_id}, for good?`,
  });
}

const TOKEN: Kind<typeof Token> = {
  name: "token",
  argument: "<token-id>",
  answer: Token,
  text: tokenDetails,
};

function addLookupCommand(tokens: Command, terminal: Terminal): void {
  tokens
    .command("lookup")
    .description("Find the owner of a leaked token; its value is read from standard input, never from an argument")
    .addOption(jsonOption())
    .action(async (options: JsonOptions) => {
      const operator = openOperator(terminal);
      const value = terminal.interactive
        ? await terminal.ask("The token, from ocp_ to its last character (not shown): ", { hidden: true })
        : await terminal.readInput();
      const request = LookupTokenRequest.safeParse({ token: value.trim() });
      if (!request.success) throw new CommandError(EXIT.usage, `The value ${request.error.issues[0]?.message}.`);
      const token = await operator.post("/internal/tokens/lookup", Token, request.data);
      answer(terminal, options, token, () => tokenDetails(token));
    });
}
