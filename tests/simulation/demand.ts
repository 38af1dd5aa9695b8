/** What operators and customers ask for, in a random order that a seed repeats. */
import type { Stack } from "#cluster/local/stack.ts";
import { Accepted } from "#schema/contracts/internal.ts";
import { Operator } from "#tests/harness/operator.ts";
import type { Random } from "./random.ts";

export interface Demand {
  /** Ids of all jobs that were accepted. */
  accepted: string[];
  /** How often the edge answered 503. */
  putOff: number;
  /** New boxes, this many requests at once. @returns their ids. */
  provision(count: number): Promise<string[]>;
  /** This many changes of these boxes, one after another; refused ones are replaced by others. */
  change(count: number, boxes: readonly string[]): Promise<void>;
  destroy(boxes: readonly string[]): Promise<void>;
  /** Changes that are only in the outbox, this many of each box: QStash was never notified. */
  leave(boxes: readonly string[], each: number): Promise<void>;
}

const ABREAST = 6;
const CHANGES = ["update", "update", "restart", "suspend", "reactivate", "resize"] as const;

export function createDemand(stack: Stack, random: Random): Demand {
  const operator = new Operator(stack.url, stack.secrets.operatorKey);
  const accepted: string[] = [];
  let made = 0;

  const provisionOne = async (): Promise<string> => {
    for (;;) {
      const box = await orderOne();
      if (box) return box;
      demand.putOff += 1;
    }
  };

  /** A new customer each time: a request that got a 503 may still have had its effect. */
  const orderOne = async (): Promise<string | undefined> => {
    made += 1;
    const bot = stack.services.telegram.createBot({ username: `sim${made}_bot`, name: `Sim ${made}` });
    const response = await operator.send("POST", "/internal/provision", {
      customer_email: `sim${made}@example.com`,
      telegram_bot_token: bot.token,
      telegram_user_id: 1_001,
      tier: "starter",
    });
    return response.status === 503 ? undefined : (await taken(response)).box.id;
  };

  /** Throws what the edge had to say against it. */
  const taken = async (response: Response): Promise<Accepted> => {
    const text = await response.text();
    if (response.status !== 202) throw new Error(`${response.status} ${text}`);
    const answer = Accepted.parse(JSON.parse(text));
    accepted.push(answer.job.id);
    return answer;
  };

  const changeOne = async (verb: string, box: string): Promise<boolean> => {
    const response = await operator.send("POST", `/internal/${verb}/${box}`, bodyOf(verb, random));
    if (response.status === 503) demand.putOff += 1;
    if (response.status === 409 || response.status === 503) return false;
    await taken(response);
    return true;
  };

  const isGoing = async (id: string): Promise<boolean> => (await operator.box(id)).desired_status === "destroyed";

  const demand: Demand = {
    accepted,
    putOff: 0,
    provision: async (count) => abreast(count, provisionOne),
    async change(count, boxes) {
      await abreast(count, async () => {
        while (!(await changeOne(random.pick(CHANGES), boxes[random.below(boxes.length)] ?? "")));
      });
    },
    async destroy(boxes) {
      const left = [...boxes];
      await abreast(left.length, async () => {
        const box = left.pop() ?? "";
        while (!(await changeOne("destroy", box))) if (await isGoing(box)) return;
      });
    },
    async leave(boxes, each) {
      for (let i = 0; i < each; i++) {
        const rows = await stack.services.neon.query<{ id: string }>(LEAVE, [boxes]);
        accepted.push(...rows.map(({ id }) => id));
      }
    },
  };
  return demand;
}

/** What a change's own statement writes, but nothing that waits is superseded: so every one of them has to be run. */
const LEAVE = `with changed as (
    update boxes set generation = generation + 1, language = case language when 'de' then 'fr' else 'de' end, updated_at = now()
    where id = any($1) returning id, cluster_id, generation
  )
  insert into operator_jobs (id, box_id, cluster_id, type, generation, requested_by)
  select gen_random_uuid(), id, cluster_id, 'update', generation, 'simulation' from changed returning id`;

function bodyOf(verb: string, random: Random): object | undefined {
  if (verb === "update") return { thinking_level: random.pick(["off", "low", "medium", "high"]) };
  if (verb === "resize") return { tier: random.pick(["starter", "pro", "team"]) };
  return undefined;
}

async function abreast<T>(count: number, one: () => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  let left = count;
  const lane = async () => {
    while (left-- > 0) done.push(await one());
  };
  await Promise.all(Array.from({ length: ABREAST }, lane));
  return done;
}
