/** A new gateway image gets to forty boxes: through the API, the minute's sweep, and an agent that does its jobs. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EdgeTest, startEdgeTest } from "./edge-test.ts";
import { type Behaviour, getRollout, passUntilOver, playFleet, registerImage, startRollout } from "./rollout-fleet.ts";

const BOXES = 40;
let edge: EdgeTest;
let fleet: ReturnType<typeof playFleet>;
const behaviours = new Map<string, ReturnType<Behaviour>>();

beforeAll(async () => {
  edge = await startEdgeTest();
  fleet = playFleet(edge, (image) => behaviours.get(image ?? "") ?? "well");
  for (let made = 0; made < BOXES; made += 2) await Promise.all([edge.provision(), edge.provision()]);
  await fleet.work();
  expect(fleet.running.size).toBe(BOXES);
  expect(new Set(fleet.running.values())).toEqual(new Set([undefined]));
}, 300_000);
afterAll(() => edge.close());

const imagesRunning = () => new Set(fleet.running.values());
const onImage = (image: string) => [...fleet.running.values()].filter((each) => each === image).length;

describe("a rollout to forty boxes", { timeout: 120_000 }, () => {
  test("of a bad image stops in the canary by itself, tells why, and brings its boxes back", async () => {
    const bad = await registerImage(edge, "unhealthy");
    behaviours.set(bad, "unhealthy");
    const { id } = await startRollout(edge, bad);
    let most = 0;
    const watched = {
      async minute() {
        await fleet.minute();
        most = Math.max(most, onImage(bad));
      },
    };
    const last = (await passUntilOver(edge, watched, id)).at(-1);
    expect(last).toMatchObject({ status: "rolled_back", wave: 0, stopped_by: "system" });
    expect(last?.reason).toContain("2 of 2 boxes on the new image are unhealthy (100 %)");
    expect(last?.waves.map(({ moved, restored }) => [moved, restored])).toEqual([
      [2, 2],
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    expect(most).toBe(2);
    expect(imagesRunning()).toEqual(new Set([undefined]));
    const alert = edge.logs
      .map((line) => line.includes('"kind":"rollout_stopped"') && JSON.parse(line))
      .filter(Boolean);
    expect(alert).toMatchObject([{ level: "error", cluster_id: "local", reason: expect.stringContaining(id) }]);
  });

  test("of an image that does not come up stops as soon as that is told, and the job that tried ends", async () => {
    const broken = await registerImage(edge, "broken");
    behaviours.set(broken, "fails");
    const { id } = await startRollout(edge, broken, { canary_percent: 10 });
    const last = (await passUntilOver(edge, fleet, id)).at(-1);
    expect(last).toMatchObject({
      status: "rolled_back",
      reason: expect.stringContaining("The gateway keeps exiting."),
    });
    expect(last?.waves[0]).toMatchObject({ moved: 4, restored: 4, settled: 4 });
    expect(imagesRunning()).toEqual(new Set([undefined]));
    expect(
      await edge.query("select count(*)::int as n from operator_jobs where status in ('queued', 'running', 'dead')"),
    ).toEqual([{ n: 0 }]);
    expect((await edge.operator.boxes("?status=active")).length).toBe(BOXES);
  });

  test("that an operator aborts goes back, too; what is paused stands still", async () => {
    const image = await registerImage(edge, "aborted");
    const { id } = await startRollout(edge, image);
    await edge.stack.edge.runCron();
    const paused = await edge.operator.send("POST", `/internal/rollouts/${id}/pause`);
    expect(await paused.json()).toMatchObject({ status: "paused" });
    for (let i = 0; i < 3; i++) await fleet.minute();
    expect(onImage(image)).toBe(2);
    expect((await getRollout(edge, id)).next).toContain("an operator has paused it");
    const aborted = await edge.operator.send("POST", `/internal/rollouts/${id}/abort`, { reason: "wrong one" });
    expect(await aborted.json()).toMatchObject({
      status: "rolling_back",
      reason: "aborted by operator:local: wrong one",
    });
    expect((await passUntilOver(edge, fleet, id)).at(-1)?.status).toBe("rolled_back");
    expect(imagesRunning()).toEqual(new Set([undefined]));
    const again = await edge.operator.problem("POST", `/internal/rollouts/${id}/resume`);
    expect(again).toMatchObject({ status: 409, detail: "This rollout has been rolled back" });
  });

  test("of a good image completes in waves: operators' own first, never more than the share, then every box", async () => {
    const good = await registerImage(edge, "good", "2026.10.0");
    const own = (await edge.operator.boxes()).slice(3, 5).map(({ id }) => id);
    for (const box of own) {
      const first = await edge.operator.send("POST", `/internal/boxes/${box}/rollout-order`, { first: true });
      expect(first.status).toBe(200);
    }
    const sleeper = (await edge.operator.boxes())[10]?.id ?? "";
    await edge.operator.change("suspend", sleeper);
    await fleet.work();
    const { id } = await startRollout(edge, good, { canary_percent: 6 });
    await edge.stack.edge.runCron();
    await fleet.work();
    expect([...fleet.running].flatMap(([box, image]) => (image === good ? [box] : [])).sort()).toEqual(own.sort());

    const late = await edge.provision();
    const seen = await passUntilOver(edge, fleet, id);
    for (const { wave, boxes, status } of seen) {
      if (status !== "running" || wave > 2) continue;
      expect(boxes.on_new).toBeLessThanOrEqual(Math.floor(([6, 25, 50][wave] ?? 0) * 0.39));
    }
    expect(seen.at(-1)).toMatchObject({ status: "succeeded", boxes: { all: 41, on_new: 41, on_old: 0 } });
    expect(imagesRunning()).toEqual(new Set([good]));
    expect(fleet.running.has(late.box.id)).toBe(true);
    expect(fleet.running.has(sleeper), "it got the image without being started").toBe(false);
    expect(await edge.operator.box(sleeper)).toMatchObject({ status: "suspended" });

    const born = await edge.liveBox();
    const [row] = await edge.query(
      "select i.reference from boxes b join gateway_images i on i.id = b.image_id where b.id = $1",
      [born],
    );
    expect(row?.reference).toBe(good);
    const images = await edge.operator.send("GET", "/internal/images");
    expect(await images.json()).toMatchObject({
      images: [{ reference: good, clusters: ["local"], boxes: 42 }, {}, {}, {}],
    });
  });
});

describe("what is asked wrongly", () => {
  test("is told in words, field by field", async () => {
    const post = (path: string, body: object) => edge.operator.problem("POST", path, body);
    const tag = await post("/internal/images", {
      reference: "registry.example/gateway:latest",
      openclaw_version: "2026.9.6",
    });
    expect(tag.errors).toEqual([{ pointer: "/reference", detail: expect.stringContaining("must name a digest") }]);
    const unknown = await post("/internal/rollouts", { image: "registry.example/nothing" });
    expect(unknown).toMatchObject({ status: 400, errors: [{ pointer: "/image" }] });
    const falling = await post("/internal/rollouts", { image: "x", waves: [50, 25, 100] });
    expect(falling.errors).toEqual([
      { pointer: "/waves", detail: "must rise from the canary's share and end with 100" },
    ]);
    expect((await edge.operator.problem("GET", `/internal/rollouts/${crypto.randomUUID()}`)).status).toBe(404);
  });

  test("twice is refused: an image keeps what was told of it, a cluster has one rollout", async () => {
    const image = await registerImage(edge, "twice");
    const again = await edge.operator.problem("POST", "/internal/images", {
      reference: image,
      openclaw_version: "1.0",
    });
    expect(again).toMatchObject({ status: 409, detail: "This image is registered already" });
    const { id } = await startRollout(edge, image);
    const second = await edge.operator.problem("POST", "/internal/rollouts", { image });
    expect(second).toMatchObject({ status: 409, detail: "This cluster already has an active rollout" });
    await edge.operator.send("POST", `/internal/rollouts/${id}/abort`, {});
    expect((await passUntilOver(edge, fleet, id)).at(-1)?.status).toBe("rolled_back");
    const list = await edge.operator.send("GET", "/internal/rollouts?active=true");
    expect(await list.json()).toEqual({ rollouts: [], next_cursor: null });
  });
});
