import { mkdtempSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { localSecrets, publicHalf } from "./secrets.ts";

const dataDir = () => join(mkdtempSync(join(tmpdir(), "secrets-")), "data");

test("are made once, for the owner's eyes only", async () => {
  const dir = dataDir();
  const file = join(dir, "secrets.json");
  const made = await localSecrets(file);
  expect(await localSecrets(file)).toEqual(made);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(dir)).toEqual(["secrets.json"]);
});

test("of an older version are kept, and what is new is made once", async () => {
  const file = join(dataDir(), "secrets.json");
  const { s3Secret: _, ...older } = await localSecrets(file);
  writeFileSync(file, JSON.stringify(older));
  const made = await localSecrets(file);
  expect(made).toMatchObject(older);
  expect(made.s3Secret).toMatch(/^.{32}$/);
  expect(await localSecrets(file)).toEqual(made);
});

test("without a file are new each time", async () => {
  const [one, other] = [await localSecrets(), await localSecrets()];
  expect(one.kek).not.toBe(other.kek);
  expect(one.agentKey.d).not.toBe(other.agentKey.d);
});

test("a damaged file is named, and nothing of it is shown", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "secrets-")), "secrets.json");
  writeFileSync(file, '{"kek":"canary",');
  const error = await localSecrets(file).catch(String);
  expect(error).toContain(`${file} is damaged`);
  expect(error).not.toContain("canary");
});

test("the public half of the agent's key holds no private part", async () => {
  const { agentKey } = await localSecrets();
  expect(Object.keys(publicHalf(agentKey)).sort()).toEqual(["crv", "kid", "kty", "x"]);
});
