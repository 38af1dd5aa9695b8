import fc from "fast-check";
import { expect, it } from "vitest";
import { changesBetween } from "./changes-between.ts";

it("names each field that differs, list entries by their names", () => {
  const there = { spec: { replicas: 1, containers: [{ name: "gateway", image: "a" }, { name: "extra" }] } };
  const wanted = { spec: { replicas: 0, containers: [{ name: "gateway", image: "b" }] } };
  expect(changesBetween(there, wanted)).toEqual([
    { path: "spec.replicas", there: 1, wanted: 0 },
    { path: "spec.containers[gateway].image", there: "a", wanted: "b" },
    { path: "spec.containers[extra]", there: { name: "extra" }, wanted: undefined },
  ]);
});

it("tells what is absent on one side, and nameless entries by their place", () => {
  expect(changesBetween({ a: [1, 2] }, { a: [1, 3], b: true })).toEqual([
    { path: "a[1]", there: 2, wanted: 3 },
    { path: "b", there: undefined, wanted: true },
  ]);
});

it("passes over what the server keeps for itself, and the fence", () => {
  const object = (resourceVersion: string, fence: string) => ({
    metadata: {
      resourceVersion,
      managedFields: [fence],
      annotations: { "fleet/fence": fence, "fleet/generation": "3" },
    },
    status: { replicas: fence },
  });
  expect(changesBetween(object("1", "7"), object("2", "8"))).toEqual([]);
});

it("finds nothing between a value and itself, and something wherever JSON differs", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
      expect(changesBetween(value, structuredClone(value))).toEqual([]);
    }),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom("a", "b"), fc.integer()), fc.integer(), (fields, more) => {
      const changed = { ...fields, a: (fields.a ?? 0) + 1 + Math.abs(more) };
      expect(changesBetween({ spec: fields }, { spec: changed })).toHaveLength(1);
    }),
  );
});
