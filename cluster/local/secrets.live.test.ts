import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { localSecrets, publicHalf } from "./secrets.ts";

const newFile = () => join(mkdtempSync(join(tmpdir(), "secrets-")), "data/secrets.json");

test("are made once, for the owner's eyes only, and without a file each time", async () => {
  const file = newFile();
  const made = await localSecrets(file);
  expect(await localSecrets(file)).toEqual(made);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(dirname(file))).toEqual(["secrets.json"]);
  const other = await localSecrets();
  for (const [name, value] of Object.entries(other)) expect(value, name).not.toEqual(made[name as keyof typeof made]);
});

test("of an older version are kept, and what is new is made once", async () => {
  const file = newFile();
  const { s3Secret: _, ...older } = await localSecrets(file);
  writeFileSync(file, JSON.stringify(older));
  const made = await localSecrets(file);
  expect(made).toMatchObject(older);
  expect(made.s3Secret).toMatch(/^.{32}$/);
  expect(await localSecrets(file)).toEqual(made);
});

const WHOLE = { operatorKey: "canary", kek: "canary", tokenKey: "canary" };
const whole = JSON.stringify(WHOLE);

test.each([
  ["empty", ""],
  ["blank", "\n"],
  ["cut off", whole.slice(0, -1)],
  ["filled with zeros", "\0".repeat(64)],
  ["no object", "null"],
  ["without its first keys", "{}"],
  ["without one of them", JSON.stringify({ ...WHOLE, tokenKey: undefined })],
  ["with an empty key", JSON.stringify({ ...WHOLE, s3Secret: "" })],
])("a file that is %s is named and kept, and nothing of it is shown", async (_, text) => {
  const file = join(mkdtempSync(join(tmpdir(), "secrets-")), "secrets.json");
  writeFileSync(file, text);
  const error = await localSecrets(file).catch(String);
  expect(error).toContain(`${file} is damaged`);
  expect(error).toContain("Put the file back from a copy");
  expect(error).not.toContain("canary");
  expect(readFileSync(file, "utf8")).toBe(text);
});

test.each(["postgres", "edge", "s3"])("a missing file beside %s is not made anew", async (name) => {
  const file = newFile();
  await localSecrets(file);
  const folder = join(dirname(file), name);
  mkdirSync(folder);
  writeFileSync(join(folder, "stored"), "");
  rmSync(file);
  await expect(localSecrets(file)).rejects.toThrow(`${file} is missing, but what is stored beside it needs its keys`);
  expect(existsSync(file)).toBe(false);
});

test("a first start that got no further than its folders is no data", async () => {
  const file = newFile();
  mkdirSync(join(dirname(file), "postgres"), { recursive: true });
  expect((await localSecrets(file)).kek).not.toBe("");
});

test("the public half of the agent's key holds no private part", async () => {
  const { agentKey } = await localSecrets();
  expect(Object.keys(publicHalf(agentKey)).sort()).toEqual(["crv", "kid", "kty", "x"]);
});
