import type { ClusterStack } from "#tests/harness/cluster.ts";
import { WarmPool } from "#tests/harness/warm-pool.ts";
import { orderBox } from "./ordered-box.ts";
import { applyPlainBox } from "./plain-box.ts";
import type { ReadyPods } from "./ready-pods.ts";

export interface Bench {
  cluster: ClusterStack;
  ready: ReadyPods;
  /** Of a customer's bot: unlike every other. */
  name(): string;
}

/** Samples in ms. */
export interface ColdSamples {
  ours: number[];
  kubectl: number[];
  firstAnswer: number[];
}

/** Boxes made one after the other, ours and kubectl's by turns, so that the machine's mood meets both alike. */
export async function oneByOne(bench: Bench, rounds: number): Promise<ColdSamples> {
  const samples: ColdSamples = { ours: [], kubectl: [], firstAnswer: [] };
  const ours = () => together(bench, 1, samples);
  const plain = () => plainTogether(bench, 1, samples);
  for (let round = 0; round < rounds; round++) {
    for (const turn of round % 2 === 0 ? [ours, plain] : [plain, ours]) await turn();
    tell(`${round + 1}/${rounds} one by one`, { ours: samples.ours.at(-1), kubectl: samples.kubectl.at(-1) });
  }
  return samples;
}

/** So many at the same moment: all of ours, then all of kubectl's. */
export async function atOnce(bench: Bench, count: number): Promise<ColdSamples> {
  const samples: ColdSamples = { ours: [], kubectl: [], firstAnswer: [] };
  await together(bench, count, samples);
  await plainTogether(bench, count, samples);
  tell(`${count} at once`, { ours: Math.max(...samples.ours), kubectl: Math.max(...samples.kubectl) });
  return samples;
}

async function together({ cluster, ready, name }: Bench, count: number, samples: ColdSamples): Promise<void> {
  const boxes = await Promise.all(Array.from({ length: count }, () => orderBox(cluster, ready, name())));
  samples.ours.push(...boxes.map(({ toReady }) => toReady));
  samples.firstAnswer.push(...boxes.map(({ toFirstAnswer }) => toFirstAnswer));
  await Promise.all(boxes.map(({ remove }) => remove()));
}

async function plainTogether({ cluster, ready, name }: Bench, count: number, samples: ColdSamples): Promise<void> {
  const boxes = await Promise.all(Array.from({ length: count }, () => applyPlainBox(cluster, ready, name())));
  samples.kubectl.push(...boxes.map(({ ms }) => ms));
  await Promise.all(boxes.map(({ remove }) => remove()));
}

export interface WarmSamples {
  firstPoll: number[];
  firstAnswer: number[];
}

/** Boxes adopted from the pool one after the other, each once the pool is full again and nothing else is under way. */
export async function adopted({ cluster, ready, name }: Bench, rounds: number): Promise<WarmSamples> {
  const pool = new WarmPool(cluster.operator);
  const samples: WarmSamples = { firstPoll: [], firstAnswer: [] };
  await pool.resize({ starter: 1 });
  for (let round = 0; round < rounds; round++) {
    const waiting = (await pool.full("starter", 900_000)).boxes.map(({ namespace }) => namespace);
    const box = await orderBox(cluster, ready, name());
    if (!waiting.includes(box.namespace)) throw new Error("the box was not one of the pool");
    samples.firstPoll.push(box.toFirstPoll);
    samples.firstAnswer.push(box.toFirstAnswer);
    tell(`${round + 1}/${rounds} adopted`, { "first getUpdates": box.toFirstPoll, "first answer": box.toFirstAnswer });
    await box.remove();
  }
  await pool.resize({ starter: 0 });
  await pool.full("starter", 900_000);
  return samples;
}

function tell(what: string, figures: Record<string, number | undefined>): void {
  const parts = Object.entries(figures).map(([name, ms]) => `${name} ${Math.round(ms ?? Number.NaN)} ms`);
  console.log(`${what.padEnd(20)} ${parts.join("   ")}`);
}
