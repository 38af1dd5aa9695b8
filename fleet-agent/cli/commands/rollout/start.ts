import { type Command, InvalidArgumentError } from "commander";
import { Rollout, StartRolloutRequest, sharesOf } from "#schema/contracts/rollouts.ts";
import { addChangeOptions, type ChangeOptions, change } from "../changing.ts";
import { wholeNumber } from "../desired.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { answer, openOperator } from "../operator.ts";
import { details } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { rolloutText } from "./rollout-text.ts";

interface Options extends ChangeOptions {
  cluster?: string;
  canary?: number;
  waves?: number[];
  soak?: number;
  concurrent?: number;
  maxFailed?: number;
  maxUnhealthy?: number;
  notes?: string;
}

export function addStartCommand(rollout: Command, terminal: Terminal): void {
  const command = rollout
    .command("start")
    .description(
      "Bring a cluster's boxes to a registered image: a canary, then waves; it rolls back by itself when health drops",
    )
    .argument("<image>", "the image's reference or id, as `images` shows it")
    .option("--cluster <id>", "which cluster; needed where there are several")
    .option(
      "--canary <percent>",
      "share of the running boxes to begin with, one box at least (default: 5)",
      wholeNumber,
    )
    .option(
      "--waves <percents>",
      "rising shares after it, ending with 100 (default: 25,50,100, as far as they are)",
      percents,
    )
    .option("--soak <seconds>", "how long each wave is watched before the next (default: 900)", wholeNumber)
    .option("--concurrent <n>", "boxes that are moved at the same time (default: 10)", wholeNumber)
    .option("--max-failed <n>", "boxes that may fail to come up (default: 0)", wholeNumber)
    .option(
      "--max-unhealthy <percent>",
      "by how many percentage points unhealthy boxes may increase (default: 5)",
      wholeNumber,
    )
    .option("--notes <text>", "why it is done");
  addChangeOptions(command, { asks: true }).action((image: string, options: Options) =>
    start(terminal, image, options),
  );
}

async function start(terminal: Terminal, image: string, options: Options): Promise<void> {
  const operator = openOperator(terminal);
  const body = bodyOf(image, options);
  const plan = {
    path: "/internal/rollouts",
    body,
    answer: Rollout,
    about: planText(body),
    confirmation: { question: `Bring ${body.cluster_id ?? "the cluster"}'s boxes to this image?` },
  };
  const started = await change(terminal, operator, plan, options);
  if (started) answer(terminal, options, started, () => rolloutText(started));
}

/** What is left out is the edge's to decide; what is wrong is told here, before anything is sent. */
function bodyOf(image: string, options: Options): StartRolloutRequest {
  const given = {
    image,
    cluster_id: options.cluster,
    canary_percent: options.canary,
    waves: options.waves,
    soak_seconds: options.soak,
    max_concurrent: options.concurrent,
    max_failed: options.maxFailed,
    max_unhealthy_percent: options.maxUnhealthy,
    notes: options.notes,
  };
  const parsed = StartRolloutRequest.safeParse(given);
  if (parsed.success) return parsed.data;
  const words = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new CommandError(EXIT.usage, words.join("\n"));
}

const planText = (plan: StartRolloutRequest): string =>
  details([
    ["image", plan.image],
    ["cluster", plan.cluster_id],
    [
      "waves",
      sharesOf(plan)
        .map((share) => `${share} %`)
        .join(", "),
    ],
    ["each watched for", `${plan.soak_seconds} s`],
    ["at the same time", `${plan.max_concurrent} boxes`],
    [
      "goes back after",
      `${plan.max_failed + 1} failed, or more than ${plan.max_unhealthy_percent} points more unhealthy`,
    ],
  ]);

function percents(text: string): number[] {
  if (!/^\d{1,3}(,\d{1,3})*$/.test(text)) throw new InvalidArgumentError("must be numbers with commas: 25,50,100");
  return text.split(",").map(Number);
}
