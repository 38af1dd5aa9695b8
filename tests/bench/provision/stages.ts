import { type ClusterStack, kubectl } from "#tests/harness/cluster.ts";
import { WarmPool } from "#tests/harness/warm-pool.ts";
import { makeRoom } from "./make-room.ts";
import { type Ordered, orderBox } from "./ordered-box.ts";
import { applyPlainBox } from "./plain-box.ts";
import type { ReadyPods } from "./ready-pods.ts";
import type { Rounds } from "./rounds.ts";

export interface Bench {
  cluster: ClusterStack;
  ready: ReadyPods;
  rounds: Rounds;
  /** The agent's lines. */
  log: readonly string[];
  /** Of a customer's bot: unlike every other. */
  name(): string;
}

/** Samples in ms. */
export interface ColdSamples {
  ours: number[];
  kubectl: number[];
  firstAnswer: number[];
}

/** What takes longer has failed. On a quiet machine a start takes ten seconds, and ten at once a minute or two. */
const LIMIT_MS = 300_000;
const LIMIT_AT_ONCE_MS = 600_000;

/** Boxes made one after the other, ours and kubectl's by turns, so that the machine's mood meets both alike. */
export async function oneByOne(bench: Bench, count: number): Promise<ColdSamples> {
  const samples: ColdSamples = { ours: [], kubectl: [], firstAnswer: [] };
  const ours = (name: string) => together(bench, name, 1, samples, LIMIT_MS);
  const plain = (name: string) => plainTogether(bench, name, 1, samples, LIMIT_MS);
  await bench.rounds.run("one by one", count, async (name, index) => {
    const inTurn = index % 2 === 0 ? [ours, plain] : [plain, ours];
    const took: string[] = [];
    for (const turn of inTurn) took.push(await turn(name));
    tell(name, took);
  });
  return samples;
}

/** So many at the same moment: all of ours, then all of kubectl's. */
export async function atOnce(bench: Bench, count: number): Promise<ColdSamples & { cpuMilli: number }> {
  const samples = { ours: [], kubectl: [], firstAnswer: [], cpuMilli: 0 } satisfies ColdSamples & { cpuMilli: number };
  const name = `${count} at once`;
  await bench.rounds.tried(name, async () => {
    const room = await makeRoom(count);
    samples.cpuMilli = room.cpuMilli;
    try {
      const ours = await together(bench, name, count, samples, LIMIT_AT_ONCE_MS);
      tell(name, [ours, await plainTogether(bench, name, count, samples, LIMIT_AT_ONCE_MS)]);
    } finally {
      await room.release();
    }
  });
  return samples;
}

async function together(bench: Bench, round: string, count: number, samples: ColdSamples, limitMs: number) {
  const all = await Promise.all(Array.from({ length: count }, () => ordered(bench, round, limitMs)));
  const boxes = all.flatMap(({ box }) => box ?? []);
  const times = boxes.map(({ toReady }) => toReady);
  samples.ours.push(...times);
  samples.firstAnswer.push(...boxes.map(({ toFirstAnswer }) => toFirstAnswer));
  await Promise.all(all.map(({ remove }) => remove()));
  return slowest("ours", times);
}

/** Without `box` if it failed; its remains must still be removed. */
async function ordered(bench: Bench, round: string, limitMs: number) {
  const { operator } = bench.cluster;
  let boxId: string | undefined;
  const made = (accepted: { box: { id: string } }) => {
    boxId = accepted.box.id;
  };
  const box: Ordered | undefined = await bench.rounds.tried(`${round}, ours`, () => orderBox(bench, limitMs, made));
  const destroy = async (id: string) => operator.succeeded((await operator.change("destroy", id)).job.id, limitMs);
  const remove = async () => boxId && bench.rounds.tried(`${round}, destroy`, () => destroy(boxId ?? ""));
  return { box, remove };
}

async function plainTogether(bench: Bench, round: string, count: number, samples: ColdSamples, limitMs: number) {
  const namespaces: string[] = [];
  const plain = () => applyPlainBox(bench, limitMs, (namespace) => namespaces.push(namespace));
  const made = Array.from({ length: count }, () => bench.rounds.tried(`${round}, kubectl`, plain));
  const times = (await Promise.all(made)).filter((ms) => ms !== undefined);
  samples.kubectl.push(...times);
  const remove = ["delete", "namespace", ...namespaces, "--ignore-not-found", `--timeout=${limitMs / 1_000}s`];
  await bench.rounds.tried(`${round}, kubectl delete`, () => kubectl(remove));
  return slowest("kubectl", times);
}

export interface WarmSamples {
  firstPoll: number[];
  firstAnswer: number[];
}

/** Boxes adopted from the pool one after the other, each once the pool is full again and nothing else is under way. */
export async function adopted(bench: Bench, count: number): Promise<WarmSamples> {
  const pool = new WarmPool(bench.cluster.operator);
  const samples: WarmSamples = { firstPoll: [], firstAnswer: [] };
  await bench.rounds.run("adopted", count, async (name) => {
    await pool.resize({ starter: 1 });
    const waiting = (await pool.full("starter", LIMIT_MS)).boxes.map(({ namespace }) => namespace);
    const { box, remove } = await ordered(bench, name, LIMIT_MS);
    await remove();
    if (!box) return;
    if (!waiting.includes(box.namespace)) throw new Error("the box was not one of the pool");
    samples.firstPoll.push(box.toFirstPoll);
    samples.firstAnswer.push(box.toFirstAnswer);
    tell(name, [slowest("first getUpdates", [box.toFirstPoll]), slowest("first answer", [box.toFirstAnswer])]);
  });
  await bench.rounds.tried("the pool's end", async () => {
    await pool.resize({ starter: 0 });
    await pool.full("starter", LIMIT_MS);
  });
  return samples;
}

const slowest = (who: string, times: readonly number[]): string =>
  times.length > 0 ? `${who} ${Math.round(Math.max(...times))} ms` : `${who} failed`;

const tell = (what: string, parts: readonly string[]): void => console.log(`${what.padEnd(20)} ${parts.join("   ")}`);
