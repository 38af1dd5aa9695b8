import { expect, test } from "vitest";
import { cpuThatFits, freeShares, roomFor } from "./room.ts";

const node = (name: string, unschedulable = false) => ({
  metadata: { name },
  spec: { unschedulable },
  status: { allocatable: { cpu: "2", memory: "24581684Ki" } },
});
const pod = (nodeName: string, cpu: string, phase = "Running") => ({
  spec: { nodeName, containers: [{ resources: { requests: { cpu, memory: "64Mi" } } }, {}] },
  status: { phase },
});
const BOX = { cpuMilli: 250, memoryMi: 512 };

test("what is left on a node is what its living pods don't ask for; a cordoned node has nothing to give", () => {
  const pods = [pod("a", "50m"), pod("a", "1", "Succeeded"), pod("b", "1")];
  const [free, ...others] = freeShares({ items: [node("a"), node("b", true)] }, { items: pods });
  expect(others).toEqual([]);
  expect(free?.cpuMilli).toBe(1_950);
  expect(free?.memoryMi).toBeCloseTo(23_941.55, 1);
});

test("boxes fit whole, node by node, by what is scarcest", () => {
  expect(roomFor([{ cpuMilli: 1_950, memoryMi: 24_000 }], BOX)).toBe(7);
  expect(roomFor([{ cpuMilli: 1_950, memoryMi: 1_100 }], BOX)).toBe(2);
  const halves = { cpuMilli: 200, memoryMi: 24_000 };
  expect(roomFor([halves, halves], BOX)).toBe(0);
  expect(roomFor([{ cpuMilli: -50, memoryMi: 24_000 }], BOX)).toBe(0);
});

test("ten boxes fit on two cores where they ask for less, and for no less than they must", () => {
  const free = [{ cpuMilli: 1_950, memoryMi: 24_000 }];
  expect(cpuThatFits(free, BOX, 10)).toBe(195);
  expect(cpuThatFits(free, BOX, 7)).toBe(250);
  expect(cpuThatFits([{ cpuMilli: 9_000, memoryMi: 1_000 }], BOX, 10)).toBeUndefined();
});

test("a quantity of another kind is refused by name", () => {
  const odd = { ...node("a"), status: { allocatable: { cpu: "2x", memory: "1Gi" } } };
  expect(() => freeShares({ items: [odd] }, { items: [] })).toThrow("2x");
});
