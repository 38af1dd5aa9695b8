/** The operators' list of boxes, narrowed to those that are unwell or still there. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EdgeTest, startEdgeTest } from "./edge-test.ts";

let edge: EdgeTest;
let well: string;
let unwell: string;
let destroyed: string;
beforeAll(async () => {
  edge = await startEdgeTest();
  [well, unwell, destroyed] = [await edge.liveBox(), await edge.liveBox(), await edge.liveBox()];
  const boxes = [{ box_id: unwell, health: "unhealthy", code: "crash_loop", reason: "in words", restarts: 2 }];
  await edge.agent.send("POST", "/fleet/health", { boxes });
  await edge.carryOut((await edge.operator.change("destroy", destroyed)).job.id);
});
afterAll(() => edge.close());

const listed = async (query: string) => (await edge.operator.boxes(query)).map(({ id }) => id);

test("by health, with the code and since when", async () => {
  expect(await listed("?health=unhealthy")).toEqual([unwell]);
  const [box] = await edge.operator.boxes("?health=unhealthy");
  expect(box).toMatchObject({ health_code: "crash_loop", status_reason: "in words" });
  expect(Date.parse(box?.unhealthy_since ?? "")).toBeGreaterThan(Date.now() - 60_000);
  expect(await edge.operator.box(well)).toMatchObject({ health_code: null, unhealthy_since: null });
});

test("without destroyed ones when that is asked for", async () => {
  expect(await listed("?destroyed=false")).toEqual([unwell, well]);
  expect(await listed("?destroyed=true")).toEqual([destroyed, unwell, well]);
  expect(await listed("")).toEqual([destroyed, unwell, well]);
});

test("by nothing that is no health", async () => {
  expect(await edge.operator.problem("GET", "/internal/boxes?health=ill")).toMatchObject({ status: 400 });
});
