import { type Command, InvalidArgumentError } from "commander";
import { Pool, type PoolRequest, type PoolTier } from "#schema/contracts/pool.ts";
import { MOST_POOL_BOXES } from "#schema/domain/pool.ts";
import { TIER_IDS } from "#schema/domain/tiers.ts";
import { addChangeOptions, type ChangeOptions, change } from "../changing.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { answer, type JsonOptions, jsonOption, openOperator } from "../operator.ts";
import { type Column, table } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { findCluster } from "./find-cluster.ts";

export function addPoolCommands(fleet: Command, terminal: Terminal): void {
  const pool = fleet
    .command("pool")
    .description("Boxes that a cluster keeps ready, so that a new customer's starts at once");
  pool
    .command("show")
    .description("Show a cluster's warm pool, its hit rate and its cost")
    .argument("<cluster>", "the cluster's id")
    .addOption(jsonOption())
    .action((id: string, options: JsonOptions) => show(terminal, id, options));
  const set = pool
    .command("set")
    .description("Set how many boxes a cluster keeps ready; a plan that is not named stays as it is")
    .argument("<cluster>", "the cluster's id");
  for (const tier of TIER_IDS) set.option(`--${tier} <n>`, `boxes of ${tier}; 0: none`, size);
  addChangeOptions(set).action((id: string, options: ChangeOptions & PoolRequest) => resize(terminal, id, options));
}

async function show(terminal: Terminal, id: string, options: JsonOptions): Promise<void> {
  const operator = openOperator(terminal);
  await findCluster(operator, id);
  const pool = await operator.get(`/internal/clusters/${id}/pool`, Pool);
  answer(terminal, options, pool, () => poolTable(pool));
}

async function resize(terminal: Terminal, id: string, options: ChangeOptions & PoolRequest): Promise<void> {
  const sizes = Object.fromEntries(
    TIER_IDS.flatMap((tier) => (options[tier] === undefined ? [] : [[tier, options[tier]]])),
  );
  if (Object.keys(sizes).length === 0) {
    throw new CommandError(EXIT.usage, `Say how many: ${TIER_IDS.map((tier) => `--${tier} <n>`).join(", ")}.`);
  }
  const operator = openOperator(terminal);
  await findCluster(operator, id);
  const plan = { method: "PUT", path: `/internal/clusters/${id}/pool`, body: sizes, answer: Pool } as const;
  // The same again is the same; the route knows no keys.
  const pool = await change(terminal, operator, { ...plan, repeatable: false }, options);
  if (pool) answer(terminal, options, pool, () => poolTable(pool));
}

const COLUMNS: readonly Column<PoolTier>[] = [
  { title: "TIER", value: ({ tier }) => tier },
  { title: "SIZE", value: ({ size }) => String(size) },
  { title: "READY", value: ({ ready }) => String(ready) },
  { title: "STARTING", value: ({ starting }) => String(starting) },
  { title: "FAILED", value: ({ failed }) => String(failed) },
  { title: "LEAVING", value: ({ leaving }) => String(leaving) },
  {
    title: "HITS",
    value: ({ hits, misses, hit_rate }) =>
      hit_rate === null ? "-" : `${Math.round(hit_rate * 100)} % of ${hits + misses}`,
  },
  {
    title: "COST",
    value: ({ cost }) => `${cost.cpu_milli}m CPU, ${cost.memory_mi} MiB, ${cost.volume_gi} GiB`,
  },
];

const poolTable = ({ tiers, window_days }: Pool): string =>
  `${table(COLUMNS, tiers)}\nHits are those of the last ${window_days} days.`;

function size(text: string): number {
  if (!/^\d{1,3}$/.test(text) || Number(text) > MOST_POOL_BOXES)
    throw new InvalidArgumentError(`must be a whole number, ${MOST_POOL_BOXES} at most`);
  return Number(text);
}
