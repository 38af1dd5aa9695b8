/**
 * How long a customer waits, on a real cluster (KUBECONFIG, GATEWAY_IMAGE, EDGE_HOST): from the operator's call to Ready, next
 * to a plain `kubectl apply` of the same objects, one by one and ten at once; and from the call to the first getUpdates of
 * the customer's bot where a box of the warm pool is adopted. `--rounds N` for fewer than twenty, `--stages cold,parallel,warm`
 * for some of it. Nothing else should run on the cluster. A round that fails is told with its reason and kept in `failures`, and
 * the others take place.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { bundleWorker } from "#cluster/local/edge.ts";
import { applyManifests, startClusterStack } from "#tests/harness/cluster.ts";
import { percentile } from "./percentile.ts";
import { watchReadyPods } from "./provision/ready-pods.ts";
import { Rounds } from "./provision/rounds.ts";
import { adopted, atOnce, type Bench, type ColdSamples, oneByOne, type WarmSamples } from "./provision/stages.ts";

export const rounds = 20;

const PARALLEL = 10;
const STAGES = ["cold", "parallel", "warm"];

type Result = Record<string, number | boolean | object>;

export async function bench(count: number, { stages = STAGES }: { stages?: string[] | undefined }): Promise<Result> {
  const unknown = stages.filter((stage) => !STAGES.includes(stage));
  if (unknown.length > 0) throw new Error(`No such stage: ${unknown.join(", ")}. There are ${STAGES.join(", ")}.`);
  const folder = await mkdtemp(join(tmpdir(), "openclaw-cloud-bench-"));
  await applyManifests();
  const cluster = await startClusterStack(await bundleWorker(folder));
  const ready = await watchReadyPods();
  const log: string[] = [];
  try {
    // With as many cold starts under way as it takes without a word: that is its answer to ten at once. kubectl knows no bound, and
    // where ten gateways share two cores that do something else, too, OpenClaw gives its own start up (its lease's first heartbeat
    // has to come within 5 s) and begins anew.
    cluster.startAgent((line) => log.push(line));
    let made = 0;
    const bench = { cluster, ready, log, rounds: new Rounds(), name: () => `bench${++made}_bot` };
    return await run(bench, count, new Set(stages));
  } finally {
    await ready.close();
    await cluster.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function run(bench: Bench, count: number, stages: ReadonlySet<string>): Promise<Result> {
  const loadBefore = loadavg()[0] ?? 0;
  const cold = stages.has("cold") ? await oneByOne(bench, count) : undefined;
  const parallel = stages.has("parallel") ? await atOnce(bench, Math.min(PARALLEL, count)) : undefined;
  const warm = stages.has("warm") ? await adopted(bench, count) : undefined;
  return {
    rounds: count,
    ...(cold && coldFigures("", cold)),
    ...(parallel && {
      parallel: parallel.ours.length,
      parallel_cpu_request_milli: parallel.cpuMilli,
      ...coldFigures("parallel_", parallel),
    }),
    ...(warm && warmFigures(warm)),
    load_before: loadBefore,
    load_after: loadavg()[0] ?? 0,
    failures: bench.rounds.failures,
    raw: { cold: rounded(cold), parallel: rounded(parallel), warm: rounded(warm) },
  };
}

const at = (samples: number[], share: number): number => Math.round(percentile(samples, share));

/** The target: at most 10 % and 300 ms more than kubectl's, at the median. */
function coldFigures(prefix: string, { ours, kubectl, firstAnswer }: ColdSamples): Result {
  const [own, plain] = [at(ours, 0.5), at(kubectl, 0.5)];
  return {
    [`${prefix}cold_p50_ms`]: own,
    [`${prefix}cold_p95_ms`]: at(ours, 0.95),
    [`${prefix}kubectl_p50_ms`]: plain,
    [`${prefix}kubectl_p95_ms`]: at(kubectl, 0.95),
    [`${prefix}cold_first_answer_p50_ms`]: at(firstAnswer, 0.5),
    [`${prefix}overhead_within_target`]: own <= plain * 1.1 + 300,
  };
}

const WARM_TARGET_MS = 3_000;

function warmFigures({ firstPoll, firstAnswer }: WarmSamples): Result {
  return {
    warm_p50_ms: at(firstPoll, 0.5),
    warm_p95_ms: at(firstPoll, 0.95),
    warm_first_answer_p50_ms: at(firstAnswer, 0.5),
    warm_within_target: at(firstPoll, 0.95) <= WARM_TARGET_MS,
  };
}

const rounded = (samples: ColdSamples | WarmSamples | undefined): Record<string, number[]> =>
  Object.fromEntries(
    Object.entries(samples ?? {}).flatMap(([name, all]) => (Array.isArray(all) ? [[name, all.map(Math.round)]] : [])),
  );
