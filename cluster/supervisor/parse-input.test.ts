import { describe, expect, test } from "vitest";
import { BoxConfig } from "#schema/contracts/box-config.ts";
import { StateOrder } from "#schema/contracts/state-transfer.ts";
import { sampleConfig } from "#schema/contracts/testing/sample-config.ts";
import { parseInput } from "./parse-input.ts";
import { exampleOrder } from "./state/testing/example-order.ts";

const parseBox = (value: unknown) => parseInput("box.json", BoxConfig, JSON.stringify(value));
const parseOrder = (value: unknown) => parseInput("order.json", StateOrder, JSON.stringify(value));

/** Every path to a value, `telegram.bot_token` and so on. */
function fieldsOf(value: object, prefix = ""): string[] {
  return Object.entries(value).flatMap(([name, inner]) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? fieldsOf(inner, `${prefix}${name}.`)
      : [prefix + name],
  );
}

function replaced(value: unknown, path: string[], by: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return by;
  const record = value as Record<string, unknown>;
  return { ...record, [first]: replaced(record[first], rest, by) };
}

describe("box.json", () => {
  test("a whole box is taken", () => {
    expect(parseBox(sampleConfig())).toEqual({ ok: true, value: sampleConfig() });
  });

  test("a box of the warm pool has no bot token", () => {
    const { telegram } = sampleConfig();
    expect(parseBox(sampleConfig({ telegram: { ...telegram, bot_token: "", allow_from: [] } })).ok).toBe(true);
  });

  test.each(fieldsOf(sampleConfig()))("%s is refused by name when it is missing or of a wrong kind", (field) => {
    for (const wrong of [undefined, { nested: "SECRET" }]) {
      const problem = `box.json: missing or invalid: ${field}`;
      expect(parseBox(replaced(sampleConfig(), field.split("."), wrong))).toEqual({ ok: false, problem });
    }
  });

  test.each([
    ["language", ""],
    ["model.context_window", 0],
    ["proxy.token", ""],
    ["proxy.base_url", "file:///etc/passwd"],
    ["telegram.api_root", "ftp://telegram.example"],
    ["gateway_token", ""],
  ])("a %s that no box can work with is refused: %j", (field, value) => {
    const problem = `box.json: missing or invalid: ${field}`;
    expect(parseBox(replaced(sampleConfig(), field.split("."), value))).toEqual({ ok: false, problem });
  });

  test.each(["", "{"])("%j is no JSON", (json) => {
    expect(parseInput("box.json", BoxConfig, json)).toEqual({ ok: false, problem: "box.json is not JSON" });
  });

  test.each([null, [], "text"])("%j is no box", (value) => {
    expect(parseBox(value)).toEqual({ ok: false, problem: "box.json: missing or invalid: the document" });
  });

  test("several wrong fields are all named, each once; values never are", () => {
    const box = sampleConfig();
    const telegram = { ...box.telegram, allow_from: "SECRET" };
    const broken = { ...box, gateway_token: 5, telegram, proxy: { base_url: "SECRET", token: "SECRET" } };
    const problem = "box.json: missing or invalid: proxy.base_url, gateway_token, telegram.allow_from";
    expect(parseBox(broken)).toEqual({ ok: false, problem });
  });
});

describe("order.json", () => {
  test.each(["backup", "restore"] as const)("a whole order for a %s is taken", (kind) => {
    const order = exampleOrder({ kind });
    expect(parseOrder(order)).toEqual({ ok: true, value: order });
  });

  test.each([
    ["kind", { kind: "erase" }],
    ["url", { url: "file:///etc/passwd" }],
    ["key", { key: Buffer.alloc(16).toString("base64") }],
    ["timeout_seconds", { timeout_seconds: 0 }],
    ["required", { required: "yes" }],
  ])("an order with a wrong %s is refused, and its key is not repeated", (field, change) => {
    const problem = `order.json: missing or invalid: ${field}`;
    expect(parseOrder({ ...exampleOrder(), ...change })).toEqual({ ok: false, problem });
  });

  test("a restore has to say which parts there are", () => {
    const order = exampleOrder({ kind: "restore" });
    const wrong = (manifest: unknown) => parseOrder({ ...order, manifest });
    expect(wrong(null)).toMatchObject({ problem: "order.json: missing or invalid: manifest" });
    expect(wrong({ ...order.manifest, parts: [] })).toMatchObject({
      problem: "order.json: missing or invalid: manifest.parts",
    });
    expect(wrong({ ...order.manifest, parts: [{ bytes: 100, sha256: "x" }] })).toMatchObject({
      problem: "order.json: missing or invalid: manifest.parts.0.sha256",
    });
  });

  test("what is no JSON is told without repeating it", () => {
    const parsed = parseInput("order.json", StateOrder, "{ key: secret");
    expect(parsed).toEqual({ ok: false, problem: "order.json is not JSON" });
  });
});
