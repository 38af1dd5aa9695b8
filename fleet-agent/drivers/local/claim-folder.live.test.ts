import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readPidFile, writePidFile } from "#cluster/system/pid-file.ts";
import { claimFolder } from "./claim-folder.ts";

it("lets one agent have a folder, says who has it, and gives it free again", () => {
  const dir = mkdtempSync(join(tmpdir(), "claim-folder-"));
  const file = join(dir, "agent.json");
  const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  try {
    writePidFile(file, other.pid ?? 0);
    expect(() => claimFolder(dir)).toThrow(`process ${other.pid}`);
    rmSync(file);
    const release = claimFolder(dir);
    expect(readPidFile(file)?.pid).toBe(process.pid);
    release();
    expect(existsSync(file)).toBe(false);
  } finally {
    other.kill("SIGKILL");
    rmSync(dir, { recursive: true });
  }
});
