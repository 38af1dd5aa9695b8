import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sampleConfig } from "#schema/contracts/testing/sample-config.ts";
import { applyBox } from "./apply-box.ts";
import { paths } from "./config.ts";

const stateFolder = () => mkdtempSync(join(tmpdir(), "apply-"));
const apply = (stateDir: string, changes: Parameters<typeof sampleConfig>[0] = {}) =>
  applyBox(sampleConfig(changes), stateDir, { gatewayPort: 18_789, warmUp: null });
const agentsFile = (stateDir: string) => join(paths(stateDir).workspace, "AGENTS.md");

test("the configuration is for its owner's eyes only", () => {
  const stateDir = stateFolder();
  apply(stateDir);
  expect(statSync(paths(stateDir).config).mode & 0o777).toBe(0o600);
  expect(statSync(join(paths(stateDir).config, "..")).mode & 0o777).toBe(0o700);
});

test("applying the same box again touches nothing", () => {
  const stateDir = stateFolder();
  apply(stateDir);
  const inodes = () => [paths(stateDir).config, agentsFile(stateDir)].map((file) => statSync(file).ino);
  const before = inodes();
  apply(stateDir, { generation: 2 });
  expect(inodes()).toEqual(before);
});

test("the agent's own words survive restarts and new settings", () => {
  const stateDir = stateFolder();
  apply(stateDir);
  appendFileSync(agentsFile(stateDir), "\n- I learned to whistle.\n");
  apply(stateDir, { language: "fr" });
  const text = readFileSync(agentsFile(stateDir), "utf8");
  expect(text).toContain("Speak French");
  expect(text).toContain("I learned to whistle.");
});

test("a deleted file stays deleted, also when the record of what was written is damaged", () => {
  const stateDir = stateFolder();
  apply(stateDir);
  rmSync(join(paths(stateDir).workspace, "SOUL.md"));
  apply(stateDir);
  expect(() => statSync(join(paths(stateDir).workspace, "SOUL.md"))).toThrow(/ENOENT/);
  writeFileSync(paths(stateDir).written, "not JSON");
  expect(() => apply(stateDir)).not.toThrow();
});
