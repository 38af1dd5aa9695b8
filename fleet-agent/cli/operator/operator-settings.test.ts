import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { readOperatorSettings } from "./operator-settings.ts";

const dir = mkdtempSync(join(tmpdir(), "operator-settings-"));
afterAll(() => rmSync(dir, { recursive: true }));
const file = (name: string, text: string) => {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
};
const LOCAL = file(
  "operator.json",
  '{"edge_url":"http://127.0.0.1:8787","operator_key":"canary-local","state_root":"/b"}',
);
const read = (env: Record<string, string>, local = LOCAL) => readOperatorSettings(env, local);
const EDGE = "https://edge.example/";

it("takes both from the environment", () => {
  expect(read({ EDGE_URL: EDGE, OPERATOR_KEY: "k" })).toMatchObject({ edgeUrl: "https://edge.example", key: "k" });
  const key = file("key", "from-file\n");
  expect(read({ EDGE_URL: EDGE, OPERATOR_KEY_FILE: key }).key).toBe("from-file");
});

it("or both from what runs on this machine", () => {
  expect(read({})).toMatchObject({ edgeUrl: "http://127.0.0.1:8787", key: "canary-local", stateRoot: "/b" });
  expect(read({ OPERATOR_FILE: LOCAL }, join(dir, "none")).key).toBe("canary-local");
});

it("never sends one edge's key to another", () => {
  expect(() => read({ EDGE_URL: EDGE })).toThrow("OPERATOR_KEY is missing");
  expect(() => read({ OPERATOR_KEY: "k" })).toThrow("EDGE_URL is missing");
});

it("says what to do where nothing is set", () => {
  expect(() => read({}, join(dir, "none"))).toThrow("npm start");
});

it("never repeats what a broken file or address holds", () => {
  const broken = file("broken.json", '{"operator_key":"canary"');
  for (const attempt of [
    () => read({}, broken),
    () => read({ EDGE_URL: "https://u:canary@edge.example", OPERATOR_KEY: "k" }),
    () => read({ EDGE_URL: "ftp://canary", OPERATOR_KEY: "canary" }),
    () => read({ EDGE_URL: EDGE, OPERATOR_KEY_FILE: join(dir, "missing") }),
  ]) {
    expect(attempt).toThrow(expect.objectContaining({ name: "ConfigError" }));
    expect(attempt).not.toThrow("canary");
  }
});
