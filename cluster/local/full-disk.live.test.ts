import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";

/** Ends by itself with 0, unless the error that nobody takes ends it before. */
async function endOf(error: string): Promise<[exitCode: number, told: string]> {
  const program = `
    import { surviveFullDisk } from "./full-disk.ts";
    surviveFullDisk();
    ${error}
    setTimeout(() => {}, 100);`;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", program], {
    cwd: import.meta.dirname,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let told = "";
  child.stderr.on("data", (text) => {
    told += text;
  });
  const [code] = await once(child, "close");
  return [code, told];
}

const FULL = 'Object.assign(new Error("no space left on device"), { code: "ENOSPC" })';

test.each([`setTimeout(() => { throw ${FULL} });`, `void Promise.reject(${FULL});`])(
  "a write that nobody waits for ends nothing: %s",
  async (error) => {
    const [code, told] = await endOf(error);
    expect([code, told]).toEqual([0, expect.stringContaining("no space left on device")]);
  },
);

test("any other error ends the process, and is shown", async () => {
  const [code, told] = await endOf('setTimeout(() => { throw new TypeError("a defect") });');
  expect([code, told]).toEqual([1, expect.stringContaining("TypeError: a defect")]);
});

test("output that can't be written ends nothing", async () => {
  const [code] = await endOf('process.stdout.emit("error", new Error("EIO"));');
  expect(code).toBe(0);
});
