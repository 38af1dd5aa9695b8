/**
 * Rollouts of real images to real boxes: one that is whole, one that never comes up, and the way back to an older OpenClaw.
 * The variants of GATEWAY_IMAGE are made by tests/harness/image-variants.ts and have to be on the nodes.
 */
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { Accepted } from "#schema/contracts/internal.ts";
import { Rollout } from "#schema/contracts/rollouts.ts";
import { type ClusterStack, isReady, kubectl, podsOf, startClusterStack } from "#tests/harness/cluster.ts";
import { Customer } from "#tests/harness/customer.ts";
import { LAST_WORDS, NEXT_VERSION } from "#tests/harness/image-variants.ts";
import { conversationIn, inPod } from "#tests/harness/in-pod.ts";
import { until } from "#tests/harness/until.ts";

let cluster: ClusterStack;
let cara: Customer;
/** Cara's first. */
let boxes: Accepted[] = [];
let images = { own: "", next: "", broken: "" };

beforeAll(async () => {
  cluster = await startClusterStack(inject("bundle"));
  const own = cluster.agentEnv.GATEWAY_IMAGE ?? "";
  images = { own, next: `${own}-next`, broken: `${own}-broken` };
  cluster.startAgent();
  cara = new Customer(cluster, "cara");
  const customers = [cara, new Customer(cluster, "dan")];
  boxes = await Promise.all(customers.map(({ order }) => cluster.operator.provision(order)));
  await Promise.all(boxes.map(({ job }) => cluster.operator.succeeded(job.id, 270_000)));
});
afterAll(() => cluster.close());

async function send<T>(path: string, body: object): Promise<T> {
  const answer = await cluster.operator.send("POST", path, body);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return JSON.parse(text) as T;
}

const register = (reference: string, openclaw_version: string) =>
  send("/internal/images", { reference, openclaw_version });

/** Rolls an image out: to half of the boxes, then to all, by default. */
async function rollOut(image: string, more: object = {}): Promise<Rollout> {
  const order = { image, waves: [100], canary_percent: 50, soak_seconds: 0, ...more };
  const since = performance.now();
  const { id } = await send<Rollout>("/internal/rollouts", order);
  const over = await until(`the end of the rollout to ${image}`, () => lookAfter(id), 240_000);
  console.log(`rollout to ${image}: ${over.status} after ${((performance.now() - since) / 1_000).toFixed(1)} s`);
  return over;
}

/** The finished rollout. Runs the sweep as soon as the boxes are done, instead of once a minute. */
async function lookAfter(id: string): Promise<Rollout | false> {
  const now = Rollout.parse(await (await cluster.operator.send("GET", `/internal/rollouts/${id}`)).json());
  if (now.finished_at !== null) return now;
  if (now.waves.every(({ moving }) => moving === 0)) await cluster.stack.edge.runCron();
  return false;
}

/** The image of each box's pod, which has to be ready. */
const imagesNow = () =>
  Promise.all(
    boxes.map(async ({ box: { namespace } }) => {
      // One that ends has a minute.
      await until(`the pod in ${namespace}`, async () => (await podsOf(namespace)).every(isReady), 90_000);
      return kubectl(["get", "pods", "-n", namespace, "-o", "jsonpath={.items[*].spec.containers[0].image}"]);
    }),
  );
const both = (image: string) => [image, image];

const podUids = () =>
  Promise.all(boxes.map(async ({ box }) => (await podsOf(box.namespace)).map(({ metadata }) => metadata.uid).join()));

/** In each box: the versions that copies of its state are kept of, and the one that wrote the state. */
const memories = () =>
  Promise.all(
    boxes.map(async ({ box: { namespace } }) => {
      const { version } = JSON.parse(await inPod(namespace, "cat /data/config/state.json"));
      return { kept: await inPod(namespace, "ls /data/kept 2>/dev/null || true"), version: String(version) };
    }),
  );

describe("a rollout to real boxes", () => {
  let version = "";
  let namespace = "";

  test("of a whole image with a newer OpenClaw reaches all of them, each after a copy of its state", async () => {
    namespace = boxes[0]?.box.namespace ?? "";
    [{ version = "" } = {}] = await memories();
    expect(await cara.says("remember the pomegranate")).toContain("pomegranate");
    await register(images.next, NEXT_VERSION);
    const done = await rollOut(images.next);
    expect(done).toMatchObject({ status: "succeeded", reason: null, boxes: { on_new: 2, on_old: 0 } });
    expect(done.waves.map(({ moved }) => moved)).toEqual([1, 1]);
    expect(await imagesNow()).toEqual(both(images.next));
    expect(await memories()).toEqual([
      { kept: version, version: NEXT_VERSION },
      { kept: version, version: NEXT_VERSION },
    ]);
    expect(await cara.says("remember the quince")).toContain("quince");
    await inPod(namespace, "echo 'of the newer' > /data/workspace/NOTES.md");
  });

  test("of an image that does not come up stops at the first box, which goes back and works again", async () => {
    await register(images.broken, NEXT_VERSION);
    const before = await podUids();
    const over = await rollOut(images.broken);
    expect(over).toMatchObject({ status: "rolled_back", stopped_by: "system" });
    expect(over.reason).toContain("1 box could not be moved to the new image; at most 0 may fail");
    expect(over.reason).toContain(LAST_WORDS);
    expect(over.waves.map(({ moved, restored }) => [moved, restored])).toEqual([
      [1, 1],
      [0, 0],
    ]);
    expect(await imagesNow()).toEqual(both(images.next));
    // The second wave's box was never touched.
    const after = await podUids();
    expect(after.filter((uid) => before.includes(uid))).toHaveLength(1);
    for (const { box } of boxes) {
      const well = async () => (await cluster.operator.box(box.id)).health === "healthy";
      await until("the box to be told healthy", well);
      expect(await cluster.operator.box(box.id)).toMatchObject({ status: "active", status_reason: null });
    }
    expect(await cara.says("still here?")).toContain("still here?");
  });

  test("back to the older OpenClaw brings the state from before the upgrade back", async () => {
    await register(images.own, version);
    const done = await rollOut(images.own, { canary_percent: 100, waves: [] });
    expect(done).toMatchObject({ status: "succeeded", reason: null });
    expect(await imagesNow()).toEqual(both(images.own));
    expect(await memories()).toEqual([
      { kept: "left", version },
      { kept: "left", version },
    ]);
    const remembered = await conversationIn(namespace);
    expect(remembered).toContain("remember the pomegranate");
    expect(remembered).not.toContain("remember the quince");
    expect(await conversationIn(namespace, "/data/kept/left")).toContain("remember the quince");
    expect(await inPod(namespace, "cat /data/workspace/NOTES.md")).toBe("of the newer");
    expect(await cara.says("and now?")).toContain("and now?");
  });
});
