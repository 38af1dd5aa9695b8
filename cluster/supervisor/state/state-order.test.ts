import { expect, test } from "vitest";
import { MOST_PARTS, PART_BYTES, SEAL_BYTES, StateOrder } from "#schema/contracts/state-transfer.ts";
import * as own from "./sealed-part.ts";
import { parseStateOrder } from "./state-order.ts";
import { exampleOrder } from "./testing/example-order.ts";

const parse = (value: unknown) => parseStateOrder(JSON.stringify(value));

test("what the contract calls an order is one here, and the sizes are the same", () => {
  for (const kind of ["backup", "restore"] as const) {
    const order = exampleOrder({ kind });
    expect(StateOrder.parse(order)).toEqual(order);
    expect(parse(order)).toEqual({ ok: true, order });
  }
  expect([own.PART_BYTES, own.SEAL_BYTES, own.MOST_PARTS]).toEqual([PART_BYTES, SEAL_BYTES, MOST_PARTS]);
});

test.each([
  ["kind", { kind: "erase" }],
  ["url", { url: "file:///etc/passwd" }],
  ["key", { key: Buffer.alloc(16).toString("base64") }],
  ["timeout_seconds", { timeout_seconds: 0 }],
  ["required", { required: "yes" }],
])("an order with a wrong %s is refused, and its key is not repeated", (field, change) => {
  const order = { ...exampleOrder(), ...change };
  expect(parse(order)).toEqual({ ok: false, problem: `order.json: missing or wrong: ${field}` });
});

test("a restore has to say which parts there are", () => {
  const order = exampleOrder({ kind: "restore" });
  expect(parse({ ...order, manifest: null })).toMatchObject({ ok: false });
  expect(parse({ ...order, manifest: { ...order.manifest, parts: [] } })).toMatchObject({
    problem: "order.json: missing or wrong: manifest.parts",
  });
  expect(parse({ ...order, manifest: { ...order.manifest, parts: [{ bytes: 1, sha256: "x" }] } })).toMatchObject({
    ok: false,
  });
});

test("what is no JSON is told without repeating it", () => {
  expect(parseStateOrder("{ key: secret")).toEqual({ ok: false, problem: "order.json is not JSON" });
});
