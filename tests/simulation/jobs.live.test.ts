/**
 * Thousands of jobs through everything that is real but the cluster: PostgreSQL, the edge in workerd, two agent
 * processes. QStash is late, doubles, loses and goes away; agents are killed at random. `JOBS` and `SEED` in the
 * environment say how many and which. What was seen is judged by `checkHistory`.
 */
import { randomBytes } from "node:crypto";
import { expect, inject, test } from "vitest";
import { temporaryDatabase } from "#cluster/local/neon/testing/temporary-database.ts";
import { checkHistory } from "./check-history.ts";
import { runSimulation } from "./run-simulation.ts";

const { TEST_POSTGRES_URL, JOBS = "3000", SEED } = process.env;
const TIMEOUT_MS = 1_200_000 + Number(JOBS) * 300;
const seed = Number(SEED ?? randomBytes(4).readUInt32BE());

test(`${JOBS} jobs: none lost, none done twice, one agent at a box (SEED=${seed})`, {
  timeout: TIMEOUT_MS,
}, async () => {
  if (!TEST_POSTGRES_URL)
    throw new Error("TEST_POSTGRES_URL: which PostgreSQL? A database is made in it, and dropped.");
  const database = await temporaryDatabase(TEST_POSTGRES_URL, "jobs");
  try {
    const options = { jobs: Number(JOBS), seed, databaseUrl: database.url, bundle: inject("bundle") };
    const { history, figures } = await runSimulation(options);
    console.log(JSON.stringify({ seed, ...figures, fates: fates(history.jobs) }));
    expect(checkHistory(history)).toEqual([]);
    expect(fates(history.jobs)).not.toHaveProperty("dead");
    expect(history.accepted.length).toBeGreaterThanOrEqual(Number(JOBS));
  } finally {
    await database.drop();
  }
});

const fates = (jobs: readonly { status: string }[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(jobs, ({ status }) => status)].map(([status, own]) => [status, own.length]));
