/** One simulated morning of a fleet: what was done, and how long it took. */
import { setTimeout as delay } from "node:timers/promises";
import { readLocalConfig } from "#cluster/local/config.ts";
import { CLUSTER_ID, type Stack, startStack } from "#cluster/local/stack.ts";
import { percentile } from "#tests/bench/percentile.ts";
import { until } from "#tests/harness/until.ts";
import { type Agents, createAgents } from "./agents.ts";
import { type Courier, startCourier } from "./courier.ts";
import { createDemand, type Demand } from "./demand.ts";
import type { History } from "./history.ts";
import { createEdgeLog, type EdgeLog, openJobs, readRows, waits } from "./ledger.ts";
import { createRandom, type Random } from "./random.ts";
import { killAtRandom, killForGood } from "./storm.ts";
import { startWorld, type World } from "./world.ts";

export interface SimulationOptions {
  /** The least number. */
  jobs: number;
  seed: number;
  databaseUrl: string;
  bundle: string;
}

interface Simulation {
  stack: Stack;
  world: World;
  agents: Agents;
  courier: Courier;
  demand: Demand;
  edgeLog: EdgeLog;
  random: Random;
}

const PLACES = ["place-1", "place-2"] as const;
const CAPACITY = "16";
/** Longer than the sweep's minute. */
const OUTAGE_MS = 65_000;
/** On a machine that is busy with other things. */
const SLOWEST_JOB_MS = 300;

export async function runSimulation(options: SimulationOptions): Promise<{ history: History; figures: object }> {
  const random = createRandom(options.seed);
  const [world, courier] = await Promise.all([startWorld(), startCourier(random)]);
  const edgeLog = createEdgeLog();
  const stack = await startStack({
    bundle: options.bundle,
    config: readLocalConfig({ PORT: "0", DATABASE_URL: options.databaseUrl }),
    vars: { QSTASH_URL: courier.url },
    onEdgeLog: edgeLog.take,
  });
  courier.target = stack.services.urls.qstash;
  const key = JSON.stringify(stack.secrets.agentKey);
  const agents = createAgents(world, { EDGE_URL: stack.url, CLUSTER_ID, AGENT_KEY: key, CAPACITY }, options.seed);
  const demand = createDemand(stack, random);
  const simulation = { stack, world, agents, courier, demand, edgeLog, random };
  try {
    const figures = await run(simulation, options.jobs);
    const { jobs, boxes } = await readRows(stack.services.neon);
    const { grants, completions } = edgeLog;
    return { history: { accepted: demand.accepted, deeds: world.deeds, grants, completions, jobs, boxes }, figures };
  } catch (cause) {
    throw new Error(`the simulation broke off; the edge said:\n${edgeLog.errors.join("\n")}`, { cause });
  } finally {
    await agents.stop();
    await stack.close();
    await Promise.all([world.close(), courier.close()]);
  }
}

async function run(simulation: Simulation, jobs: number): Promise<object> {
  const { agents, demand, courier } = simulation;
  for (const place of PLACES) agents.start(place);
  const calm = await goodWeather(simulation, Math.max(40, Math.min(400, Math.round(jobs / 25))));
  const groups = split(calm.boxes);
  const since = Date.now();
  courier.weather = "bad";
  await demand.leave(groups.outbox, Math.floor((0.5 * jobs) / groups.outbox.length));
  await demand.leave([groups.heavy], Math.floor(0.05 * jobs));
  const crowded = await underKills(simulation, () => whileCrowded(simulation, groups, jobs));
  const outage = await withoutQStash(simulation, groups.light);
  courier.weather = "bad";
  const drained = await underKills(simulation, async () => {
    await demand.destroy(groups.toDestroy);
    await drain(simulation);
  });
  const kills = [crowded.kills, drained.kills];
  return {
    calm: calm.p95,
    crowd: crowded.result,
    outage,
    kills,
    courier: courier.counts,
    ...totals(simulation, since),
  };
}

async function underKills<T>({ agents, random }: Simulation, work: () => Promise<T>) {
  const over = new AbortController();
  const killing = killAtRandom(agents, random, over.signal);
  const result = await work().finally(() => over.abort());
  return { result, kills: await killing };
}

/** Boxes in four groups: most jobs wait in the outbox, others come by the API, few boxes ask for little, one for much. */
function split([heavy = "", ...boxes]: string[]) {
  const [a, b] = [Math.floor(boxes.length * 0.4), Math.floor(boxes.length * 0.8)];
  const light = boxes.slice(b);
  return {
    heavy,
    outbox: boxes.slice(0, a),
    api: boxes.slice(a, b),
    light,
    toDestroy: boxes.filter((_, i) => i % 9 === 0),
  };
}

type Groups = ReturnType<typeof split>;

/** Nothing is wrong, nobody waits: how long a job takes to its agent by QStash and a socket. */
async function goodWeather(simulation: Simulation, count: number) {
  const { demand, stack } = simulation;
  const from = Date.now();
  const boxes = await demand.provision(count);
  await drain(simulation);
  return { boxes, p95: p95(await waits(stack.services.neon, from, Date.now(), boxes)) };
}

/** Thousands of jobs are before them, most of one customer: how long those wait who ask for little. */
async function whileCrowded({ demand, stack }: Simulation, groups: Groups, jobs: number): Promise<Percentiles> {
  const from = Date.now();
  const rest = jobs - demand.accepted.length - 2 * groups.light.length - groups.toDestroy.length;
  await Promise.all([demand.change(Math.max(rest, 0), groups.api), demand.change(groups.light.length, groups.light)]);
  return p95(await waits(stack.services.neon, from, Date.now(), groups.light));
}

/** QStash is away for longer than a minute, and one of the two agents for good. */
async function withoutQStash(simulation: Simulation, boxes: string[]) {
  const { demand, stack, courier, world, agents } = simulation;
  courier.weather = "down";
  const from = Date.now();
  const reclaiming = killForGood(world, agents, PLACES[0]);
  const asking = demand.change(boxes.length, boxes);
  await Promise.all([asking, delay(OUTAGE_MS)]);
  const reclaimed_ms = await reclaiming;
  agents.start(PLACES[0]);
  return { ...p95(await waits(stack.services.neon, from, Date.now(), boxes)), reclaimed_ms };
}

function drain({ stack, demand }: Simulation): Promise<unknown> {
  const patience = 300_000 + demand.accepted.length * SLOWEST_JOB_MS;
  return until("no job to be open", async () => (await openJobs(stack.services.neon)) === 0, patience);
}

interface Percentiles {
  jobs: number;
  p50_ms: number;
  p95_ms: number;
}

const p95 = (samples: number[]): Percentiles => ({
  jobs: samples.length,
  p50_ms: Math.round(percentile(samples, 0.5)),
  p95_ms: Math.round(percentile(samples, 0.95)),
});

function totals({ edgeLog, demand }: Simulation, since: number) {
  const seconds = (Date.now() - since) / 1_000;
  return {
    jobs: demand.accepted.length,
    put_off: demand.putOff,
    granted: edgeLog.grants.length,
    seconds: Math.round(seconds),
    grants_per_second: Math.round(edgeLog.grants.filter(({ at }) => at >= since).length / seconds),
    mailbox_calls_per_second: Math.max(...edgeLog.mailboxCalls.values()),
  };
}
