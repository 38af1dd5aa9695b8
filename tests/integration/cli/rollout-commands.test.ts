/** `fleet-agent fleet rollout …` against the real edge. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Rollout } from "#schema/contracts/rollouts.ts";
import { runCommand } from "#tests/harness/command-line.ts";
import { type EdgeTest, startEdgeTest } from "#tests/integration/edge/edge-test.ts";
import { playFleet } from "#tests/integration/edge/rollout-fleet.ts";

let edge: EdgeTest;
let fleet: ReturnType<typeof playFleet>;
let box: string;
beforeAll(async () => {
  edge = await startEdgeTest();
  fleet = playFleet(edge, () => "well");
  box = (await edge.provision()).box.id;
  await fleet.work();
  await fleet.report();
});
afterAll(() => edge.close());

const env = () => ({ EDGE_URL: edge.stack.url, OPERATOR_KEY: edge.stack.secrets.operatorKey });
const run = (line: string) => runCommand(["fleet", "rollout", ...line.split(" ")], env());
const json = async <T>(line: string): Promise<T> => {
  const { code, out, err } = await run(`${line} --json`);
  if (code !== 0) throw new Error(`${line}: ${code} ${err}`);
  return JSON.parse(out) as T;
};
const IMAGE = `registry.example/gateway@sha256:${"a".repeat(64)}`;

test("an image is registered once, by digest, and listed", async () => {
  expect((await run("images")).out).toContain("No image is registered");
  const tag = await run("register registry.example/gateway:latest --openclaw 2026.10.0");
  expect([tag.code, tag.err]).toEqual([2, expect.stringContaining("a tag may move")]);
  expect(await run(`register ${IMAGE} --openclaw 2026.10.0 --notes new`)).toMatchObject({ code: 0 });
  expect((await run(`register ${IMAGE} --openclaw 2026.10.0`)).err).toContain("is registered already");
  expect((await run("images")).out).toContain(IMAGE);
});

test("a rollout is shown before it is begun, asked about, followed, paused, resumed and aborted", async () => {
  expect((await run("status")).code).toBe(3);
  const dry = await run(`start ${IMAGE} --canary 50 --dry-run`);
  expect(dry.out).toContain("50 %, 100 %");
  expect((await run(`start ${IMAGE}`)).code).toBe(4);
  expect((await run(`start ${IMAGE} --waves 50,20,100 --yes`)).code).toBe(2);
  const begun = await json<Rollout>(`start ${IMAGE} --soak 0 --yes`);
  expect(begun).toMatchObject({ status: "running", shares: [5, 25, 50, 100] });
  await edge.stack.edge.runCron();
  expect((await run("status")).out).toContain("1 of 1 on the new image");
  expect((await json<Rollout>("pause")).status).toBe("paused");
  expect((await json<Rollout>("resume")).status).toBe("running");
  const aborted = await json<Rollout>("abort --reason slow --yes");
  expect(aborted).toMatchObject({ status: "rolling_back", reason: "aborted by operator:local: slow" });
  for (let i = 0; i < 3; i++) await fleet.minute();
  const over = await run(`status ${begun.id} --wait`);
  expect([over.code, over.err]).toEqual([1, expect.stringContaining("It was rolled back: aborted by operator:local")]);
  expect((await json<unknown[]>("list")).length).toBe(1);
  expect(await json<unknown[]>("list --active")).toEqual([]);
});

test("a box of one's own goes first", async () => {
  expect((await run(`first ${box.slice(0, 8)}`)).out).toContain("is moved before others");
  expect(await edge.query("select first from box_rollouts where box_id = $1", [box])).toEqual([{ first: true }]);
  expect((await run(`first ${box} --undo`)).out).toContain("takes its turn");
});
