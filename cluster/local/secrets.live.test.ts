import { mkdtempSync, readdirSync, statSync, writeFileSync } from "node:fs";
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
