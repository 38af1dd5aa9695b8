/**
 * The token proxy next to nothing at all, a Worker that only passes on, and three gateways that others run: the
 * same mock provider, the same load tool, one machine, turn by turn, so that the machine's mood meets all alike.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { startBare } from "./proxy/bare.ts";
import { CANDIDATE_NAMES, type Candidate, type CandidateName } from "./proxy/candidate.ts";
import { type Child, forkModule, forkServer } from "./proxy/child.ts";
import { type Figures, figuresOf, type Raw, type Summary, summarize, type Turn, verdicts } from "./proxy/figures.ts";
import { startOurs } from "./proxy/ours.ts";
import { startLiteLlm, startPortkey, startTensorZero } from "./proxy/peers.ts";
import { type Load, STAGE_NAMES, STAGES, takeTurn, warmUp } from "./proxy/stages.ts";
import { tableRow, tableTitle } from "./proxy/table.ts";

export const rounds = 5;
const SECONDS = 3;
const PROMPT_KB = 0.3;

export interface ProxyBenchOptions {
  /** How long a turn lasts. */
  seconds?: number | undefined;
  /** How long the prompts are. */
  promptKb?: number | undefined;
  /** Which candidates; all if absent. */
  only?: readonly string[] | undefined;
  /** Which stages; all if absent. */
  stages?: readonly string[] | undefined;
}

type Starter = (upstream: string, folder: string) => Promise<Candidate>;
type Running = Map<CandidateName, Candidate>;

const STARTERS: Record<CandidateName, Starter> = {
  direct: async (upstream) => ({ url: `${upstream}/v1/chat/completions`, headers: [{}], model: "mock", stop: nothing }),
  bare: startBare,
  ours: startOurs,
  litellm: startLiteLlm,
  portkey: startPortkey,
  tensorzero: startTensorZero,
};

export async function bench(
  count: number,
  { seconds = SECONDS, promptKb = PROMPT_KB, only, stages }: ProxyBenchOptions = {},
): Promise<Summary & { raw: Partial<Raw>; rounds: number; seconds: number; load_average: number[] }> {
  const names = CANDIDATE_NAMES.filter((name) => !only || only.includes(name));
  if (names.length === 0) throw new Error(`--only takes some of ${CANDIDATE_NAMES.join(", ")}`);
  const folder = await mkdtemp(join(tmpdir(), "openclaw-cloud-bench-"));
  const upstream = await forkServer("mock-upstream.ts", {});
  const tool = forkModule("load.ts");
  const running: Running = new Map();
  try {
    await startAll(running, names, upstream.url, folder);
    const load_average = loadavg().map((value) => Math.round(value * 100) / 100);
    console.log(
      `load average before: ${load_average.join(" ")}; ${count} rounds of ${seconds} s, prompts of ${promptKb} KB`,
    );
    const load: Load = { ms: seconds * 1_000, promptBytes: promptKb * 1_000 };
    const raw: Partial<Raw> = {};
    for (const stage of STAGE_NAMES.filter((one) => !stages || stages.includes(one))) {
      const turns = await playStage(tool, running, stage, { count, load });
      raw[stage] = showStage(stage, turns);
    }
    const summary = summarize(raw);
    console.log(`\n${verdicts(summary).join("\n")}`);
    return { ...summary, rounds: count, seconds, load_average, raw };
  } finally {
    for (const one of running.values()) await one.stop();
    await Promise.all([tool.stop(), upstream.child.stop()]);
    await rm(folder, { recursive: true, force: true });
  }
}

/** A candidate that can't be had is said loudly, and missing from the figures. */
async function startAll(running: Running, names: readonly CandidateName[], upstream: string, folder: string) {
  for (const name of names) {
    console.log(`starting ${name}`);
    try {
      running.set(name, await STARTERS[name](upstream, folder));
    } catch (error) {
      if (name === "direct" || name === "bare" || name === "ours") throw error;
      console.log(`NOT MEASURED: ${name} can't be had here: ${error instanceof Error ? error.message : error}`);
    }
  }
}

type Turns = Map<CandidateName, Turn[]>;

async function playStage(
  tool: Child,
  running: Running,
  stage: (typeof STAGE_NAMES)[number],
  { count, load }: { count: number; load: Load },
): Promise<Turns> {
  const turns: Turns = new Map([...running.keys()].map((name) => [name, []]));
  for (let round = 0; round < count; round++) {
    for (const [name, candidate] of running) {
      const cold = await warmUp(tool, candidate, stage, load);
      await candidate.rest?.();
      const { turn, failures } = await takeTurn(tool, candidate, stage, load);
      await candidate.rest?.();
      turns.get(name)?.push(turn);
      for (const [what, times] of Object.entries({ ...cold, ...failures })) {
        console.log(`FAILED: ${name}, ${STAGES[stage].words}: ${times} times ${what}`);
      }
    }
  }
  return turns;
}

function showStage(stage: (typeof STAGE_NAMES)[number], turns: Turns): Partial<Record<CandidateName, Figures>> {
  const figures: Partial<Record<CandidateName, Figures>> = {};
  for (const [name, played] of turns) {
    const found = figuresOf(played);
    if (found) figures[name] = found;
  }
  console.log(`\n${STAGES[stage].words}\n${tableTitle}`);
  for (const name of turns.keys()) console.log(tableRow(name, figures[name], figures.direct));
  return figures;
}

async function nothing(): Promise<void> {}
