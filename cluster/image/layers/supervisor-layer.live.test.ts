import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { supervisorLayer } from "./programs.ts";

const scratch = () => mkdtempSync(join(tmpdir(), "supervisor-layer-"));

test("the supervisor runs from its layer alone: no repository, no node_modules beside it", async () => {
  const { dir } = await supervisorLayer().make(scratch());
  const started = () =>
    execFileSync(process.execPath, [join(dir, "main.ts")], { env: {}, encoding: "utf8", stdio: "pipe" });
  expect(started).toThrow(
    expect.objectContaining({ status: 1, stdout: expect.stringContaining("BOX_CONFIG_DIR is missing") }),
  );
});

test("tests stay outside", async () => {
  const { dir } = await supervisorLayer().make(scratch());
  const names = readdirSync(dir, { recursive: true, encoding: "utf8" });
  expect(names).toContain("state/memory.ts");
  expect(names.filter((name) => name.includes("test"))).toEqual([]);
});
