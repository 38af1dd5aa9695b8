import { expect, it } from "vitest";
import { everyOne } from "./every-one.ts";

it("gives each its turn, and fails afterwards with the first failure", async () => {
  const done: number[] = [];
  const work = async (n: number) => {
    done.push(n);
    if (n % 2 === 0) throw new Error(`number ${n}`);
  };
  await expect(everyOne([1, 2, 3, 4, 5], work)).rejects.toThrow("number 2");
  expect(done).toEqual([1, 2, 3, 4, 5]);
  await everyOne([1, 3], work);
});
