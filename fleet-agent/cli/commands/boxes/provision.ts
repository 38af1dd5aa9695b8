import { type Command, InvalidArgumentError, Option } from "commander";
import { Accepted, ProvisionRequest } from "#schema/contracts/internal.ts";
import { type Person, readPerson } from "#schema/domain/people.ts";
import { TIER_IDS, type TierId } from "#schema/domain/tiers.ts";
import { readBotToken } from "../bot-token.ts";
import { addChangeOptions, type ChangeOptions, change } from "../changing.ts";
import { addWaitOptions, type WaitOptions } from "../follow-job.ts";
import { openOperator } from "../operator.ts";
import type { Terminal } from "../terminal.ts";
import { tellAccepted } from "./accepted.ts";
import { type AgentOptions, addAgentOptions, agentFields } from "./agent-options.ts";

type Options = ChangeOptions & WaitOptions & AgentOptions & { email: string; telegramUser: Person[]; tier: TierId };

const NOTE = `
The bot's token is read from standard input, or asked for; it is never an argument.

Example:
  fleet-agent boxes provision --email ada@example.com --telegram-user 42 --tier starter --wait < bot-token.txt`;

export function addProvisionCommand(boxes: Command, terminal: Terminal): void {
  const command = boxes
    .command("provision")
    .description("Make a box for a customer")
    .requiredOption("--email <email>", "the customer's; a new one is made where there is none", emailAddress)
    .requiredOption(
      "--telegram-user <id[=name]>",
      "who may talk to it, by Telegram user id; may be repeated",
      telegramUser,
    )
    .addOption(new Option("--tier <tier>", "its plan").choices(TIER_IDS).makeOptionMandatory())
    .addHelpText("after", NOTE);
  addWaitOptions(addChangeOptions(addAgentOptions(command))).action((options: Options) => provision(terminal, options));
}

async function provision(terminal: Terminal, options: Options): Promise<void> {
  const operator = openOperator(terminal);
  const { email, telegramUser, tier, dryRun } = options;
  const request = { customer_email: email, ...whoMayTalk(telegramUser), tier, ...agentFields(options) };
  const body = dryRun ? request : { ...request, telegram_bot_token: await readBotToken(terminal) };
  const accepted = await change(terminal, operator, { path: "/internal/provision", body, answer: Accepted }, options);
  if (accepted) await tellAccepted(terminal, operator, accepted, options);
}

/** The short form where it says all. */
const whoMayTalk = (people: Person[]) =>
  people.length === 1 && people[0]?.name === null ? { telegram_user_id: people[0].id } : { telegram_users: people };

const { customer_email, telegram_users } = ProvisionRequest.shape;

function emailAddress(text: string): string {
  const email = customer_email.safeParse(text);
  if (!email.success) throw new InvalidArgumentError("must be an email address");
  return email.data;
}

function telegramUser(text: string, before: Person[] = []): Person[] {
  const people = telegram_users.safeParse([...before, readPerson(text)]);
  if (!people.success)
    throw new InvalidArgumentError("must be a Telegram user id, a number, or an id and a name: 42=Ada");
  return people.data ?? [];
}
