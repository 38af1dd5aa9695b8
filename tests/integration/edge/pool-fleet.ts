import type { Grant } from "#schema/contracts/fleet.ts";
import { Pool } from "#schema/contracts/pool.ts";
import { until } from "#tests/harness/until.ts";
import type { EdgeTest } from "./edge-test.ts";

export const PATH = "/internal/clusters/local/pool";

/** An agent of a cluster with a warm pool, and what is seen of the pool. */
export function playPool(edge: () => EdgeTest) {
  async function pool(tier = "starter") {
    const view = Pool.parse(await (await edge().operator.send("GET", PATH)).json());
    const one = view.tiers.find((candidate) => candidate.tier === tier);
    if (!one) throw new Error(`no tier ${tier}`);
    return { ...one, all: view };
  }

  async function resize(sizes: Record<string, number>) {
    const response = await edge().operator.send("PUT", PATH, sizes);
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return Pool.parse(await response.json());
  }

  const sweep = () => edge().stack.edge.runCron();

  /** Granted jobs that are not done: a pool's jobs come along with the ones of the test. */
  const held = new Map<string, Grant>();

  async function take(): Promise<Grant[]> {
    const running = [...held.values()].map(({ job_id, fence }) => ({ job_id, fence }));
    for (const grant of await edge().agent.poll(0, running, 50)) held.set(grant.job_id, grant);
    return [...held.values()];
  }

  const grantOf = (jobId: string) =>
    until(`the grant of ${jobId}`, async () => (await take()).find(({ job_id }) => job_id === jobId));

  async function finish(grant: Grant): Promise<void> {
    const { generation } = await edge().agent.desired(grant);
    const done = { outcome: "succeeded" as const, fence: grant.fence, observed_generation: generation };
    await edge().agent.complete(grant.job_id, done);
    held.delete(grant.job_id);
  }

  const carryOut = async (jobId: string) => finish(await grantOf(jobId));

  /** Completes all jobs, as an agent would, until the pool has its size. */
  async function settle(tier = "starter", also: () => Promise<void> = async () => undefined) {
    return until("the pool to be at its size", async () => {
      await also();
      for (const grant of await take()) await finish(grant);
      const now = await pool(tier);
      return now.ready === now.size && now.starting + now.leaving + now.failed === 0 && now;
    });
  }

  /** Moves a pool box's events back in time, as the fleet would have reported them then. */
  const age = (id: string, set: string) => edge().query(`update boxes set ${set} where id = $1`, [id]);
  const ail = (id: string, set: string) => edge().query(`update box_health set ${set} where box_id = $1`, [id]);
  const outdate = (id: string) => edge().query("update box_rollouts set outdated = true where box_id = $1", [id]);

  const stateOf = async (id: string) => {
    const [row] = await edge().query(
      "select *, (select count(*)::int from proxy_tokens t where t.box_id = b.id) as tokens from boxes b where id = $1",
      [id],
    );
    return row;
  };

  /** No pool, and nothing left to do. */
  async function clear(): Promise<void> {
    await resize({ starter: 0, pro: 0, team: 0 });
    for (const tier of ["starter", "pro", "team"]) await settle(tier);
  }

  return { pool, resize, sweep, take, grantOf, finish, carryOut, settle, age, ail, outdate, stateOf, held, clear };
}
