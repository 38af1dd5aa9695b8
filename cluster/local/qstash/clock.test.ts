import { expect, test } from "vitest";
import { manualClock, systemClock } from "./clock.ts";

test("a manual clock runs tasks in the order of their time, those made on the way too", () => {
  const clock = manualClock(0);
  const ran: [string, number][] = [];
  clock.after(20, () => ran.push(["late", clock.now()]));
  clock.after(10, () => {
    ran.push(["early", clock.now()]);
    clock.after(5, () => ran.push(["made on the way", clock.now()]));
  });
  clock.after(12, () => ran.push(["called off", clock.now()]))();
  clock.after(40, () => ran.push(["not yet", clock.now()]));
  clock.advance(30);
  expect(ran).toEqual([
    ["early", 10],
    ["made on the way", 15],
    ["late", 20],
  ]);
  expect(clock.now()).toBe(30);
});

test("a system clock takes waits that are longer than a timer can hold without running them at once", async () => {
  const clock = systemClock();
  let ran = false;
  const cancel = clock.after(400 * 86_400_000, () => {
    ran = true;
  });
  await new Promise<void>((resolve) => clock.after(5, resolve));
  expect(ran).toBe(false);
  cancel();
});
