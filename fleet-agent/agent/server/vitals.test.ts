import { expect, test } from "vitest";
import { createVitals } from "./vitals.ts";

test("a loop is alive while it comes round, and after it has ended as it should", () => {
  let now = 0;
  const vitals = createVitals(() => now);
  const election = vitals.pulse("the election", 60_000);
  const health = vitals.pulse("the health report", 180_000);
  now = 61_000;
  expect(vitals.live()).toEqual(["the election has stalled for 61 s"]);
  election.beat();
  expect(vitals.live()).toEqual([]);
  now = 200_000;
  election.beat();
  expect(vitals.live()).toEqual(["the health report has stalled for 200 s"]);
  health.end();
  health.beat();
  expect(vitals.live()).toEqual([]);
});

test("nobody is ready before there is anything to be ready for", () => {
  expect(createVitals().ready()).toEqual(["the agent is starting"]);
});

test("ready is who meets every need", () => {
  const vitals = createVitals();
  let mailbox: string | undefined = "no mailbox";
  vitals.need("mailbox", () => mailbox);
  vitals.need("cluster", () => undefined);
  expect(vitals.ready()).toEqual(["no mailbox"]);
  mailbox = undefined;
  expect(vitals.ready()).toEqual([]);
  vitals.need("cluster", () => "the API server does not answer");
  expect(vitals.ready()).toEqual(["the API server does not answer"]);
  vitals.need("cluster", undefined);
  expect(vitals.ready()).toEqual([]);
});
