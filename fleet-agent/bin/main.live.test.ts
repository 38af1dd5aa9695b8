/** The command as `npm ci` links it. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const BIN = fileURLToPath(new URL("./main.mjs", import.meta.url));
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

async function run(command: string, args: readonly string[]) {
  const child = spawn(command, args, { cwd: ROOT, env: { ...process.env, EDGE_URL: "", OPERATOR_KEY: "k" } });
  let out = "";
  let err = "";
  child.stdout.on("data", (text) => {
    out += text;
  });
  child.stderr.on("data", (text) => {
    err += text;
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  return { code, out, err };
}

it("is found by npx, and prints nothing of npm's", async () => {
  const { code, out } = await run("npx", ["--no", "fleet-agent", "boxes", "list", "--help"]);
  expect(code).toBe(0);
  expect(out).toMatch(/^Usage: fleet-agent boxes list/);
});

it("ends with the command's own exit code", async () => {
  expect(await run("npx", ["--no", "fleet-agent", "boxes", "list"])).toMatchObject({
    code: 2,
    err: expect.stringContaining("EDGE_URL is missing"),
  });
});

it("is handed over to the pinned Node where the one that started it reads no TypeScript", async () => {
  const { code, out } = await run(process.execPath, ["--no-experimental-strip-types", BIN, "boxes", "list", "--help"]);
  expect(code).toBe(0);
  expect(out).toMatch(/^Usage: fleet-agent boxes list/);
  const refused = await run(process.execPath, ["--no-experimental-strip-types", BIN, "boxes", "list"]);
  expect(refused).toMatchObject({ code: 2, err: expect.stringContaining("EDGE_URL is missing") });
});
