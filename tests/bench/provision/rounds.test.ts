import { beforeEach, expect, test, vi } from "vitest";
import { Rounds } from "./rounds.ts";

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => undefined);
});

test("a round that fails is kept by its name, and the others take place", async () => {
  const rounds = new Rounds();
  const done: number[] = [];
  await rounds.run("cold", 4, async (_, index) => {
    if (index === 1) throw new Error("no room");
    done.push(index);
  });
  expect(done).toEqual([0, 2, 3]);
  expect(rounds.failures).toEqual([{ round: "cold 2/4", why: "no room" }]);
});

test("a stage is given up when three of its rounds have failed, and the next stage begins", async () => {
  const rounds = new Rounds();
  let tries = 0;
  const fail = async () => {
    tries++;
    throw new Error("broken");
  };
  await rounds.run("cold", 20, fail);
  expect(tries).toBe(3);
  expect(rounds.failures.at(-1)).toMatchObject({ round: "cold", why: expect.stringContaining("3 of 20") });
  await rounds.run("warm", 1, fail);
  expect(tries).toBe(4);
});
