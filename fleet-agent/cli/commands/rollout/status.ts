import { type Command, Option } from "commander";
import { sleep } from "#cluster/system/retry.ts";
import { Rollout, RolloutList, type RolloutSummary } from "#schema/contracts/rollouts.ts";
import type { OperatorClient } from "../../operator/operator-client.ts";
import { uuid } from "../by-id.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import type { ListOf } from "../list.ts";
import { answer, type JsonOptions, jsonOption, openOperator } from "../operator.ts";
import { printable } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { ROLLOUT_COLUMNS, rolloutTable, rolloutText } from "./rollout-text.ts";

const LOOK_EVERY_MS = 5_000;

export function addStatusCommand(rollout: Command, terminal: Terminal): void {
  rollout
    .command("status")
    .description("Show a rollout's progress: each wave's boxes, their health, what it waits for")
    .argument("[rollout]", "a rollout's id; default: the one under way", uuid)
    .option("--cluster <id>", "the one under way in this cluster")
    .option("-w, --wait", "follow it to its end; exit code 1 where it was rolled back")
    .addOption(jsonOption())
    .action(async (id: string | undefined, options: JsonOptions & { cluster?: string; wait?: boolean }) => {
      const operator = openOperator(terminal);
      const found = id ?? (await underWay(operator, options.cluster));
      const shown = options.wait ? await follow(terminal, operator, found) : await get(operator, found);
      answer(terminal, options, shown, () => rolloutText(shown));
      if (options.wait && shown.status === "rolled_back")
        throw new CommandError(EXIT.failed, `It was rolled back: ${printable(shown.reason ?? "")}`);
    });
}

export const ROLLOUTS: ListOf<"rollouts", RolloutSummary> = {
  things: "rollouts",
  answer: RolloutList,
  columns: ROLLOUT_COLUMNS,
  filters: [
    { option: new Option("--cluster <id>", "only this cluster's") },
    { option: new Option("--active", "only those that are not over") },
  ],
};

const get = (operator: OperatorClient, id: string): Promise<Rollout> =>
  operator.get(`/internal/rollouts/${id}`, Rollout);

/** The id of the only one that is not over. Throws `CommandError` where there is none, or several. */
export async function underWay(operator: OperatorClient, cluster: string | undefined): Promise<string> {
  const { rollouts } = await operator.get("/internal/rollouts", RolloutList, { active: "true", cluster });
  const [only, ...others] = rollouts;
  if (!only)
    throw new CommandError(EXIT.notFound, "No rollout is under way; `fleet-agent fleet rollout list` shows past ones.");
  if (others.length === 0) return only.id;
  throw new CommandError(EXIT.usage, `Several are under way; name one of them:\n${rolloutTable(rollouts)}`);
}

/** Tells what changes until it is over. */
async function follow(terminal: Terminal, operator: OperatorClient, id: string): Promise<Rollout> {
  for (let told = ""; ; ) {
    const now = await get(operator, id);
    if (now.finished_at) return now;
    const line = `${now.status}, wave ${now.wave + 1}/${now.shares.length}: ${now.next}`;
    if (line !== told) terminal.tell(`  ${printable(line)}`);
    told = line;
    await sleep(LOOK_EVERY_MS, terminal.interrupt).catch(() => {
      throw new CommandError(
        EXIT.interrupted,
        `The rollout goes on. To follow it again: fleet-agent fleet rollout status ${id}`,
      );
    });
  }
}
