/** An agent that uses up what its pod has: it ends its own container or pod, which comes back. Others' would wait for it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { OwnEnemy } from "#tests/harness/own-enemy.ts";
import { until } from "#tests/harness/until.ts";

const SECOND = 1_000;
let enemy: OwnEnemy;
beforeAll(async () => {
  enemy = await OwnEnemy.start("mallory");
});
afterAll(() => enemy?.close());

/** More than a box may have (guard/process-limit.ts); an endless fork would take the machine from all other tests. */
const FORKS = 700;

test("forking beyond the limit ends the container", async () => {
  const before = await enemy.restarts();
  await enemy.attack(`(i=0; while [ $i -lt ${FORKS} ]; do sleep 100 & i=$((i+1)); done) >/dev/null 2>&1 &`);
  await until("another start", async () => (await enemy.restarts()) > before, 120 * SECOND);
  expect(await enemy.serves()).toBe(true);
});

test("filling the scratch space moves the box into another pod", async () => {
  const before = await enemy.podUid();
  await enemy.attack("head -c 600M /dev/zero > /tmp/full");
  await until(
    "another pod",
    async () => {
      const now = await enemy.podUid();
      return now !== undefined && now !== before;
    },
    180 * SECOND,
  );
  expect(await enemy.serves()).toBe(true);
});
