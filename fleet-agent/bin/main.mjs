#!/usr/bin/env node
/**
 * What `npm ci` links as `fleet-agent`. `npx` finds the pinned Node 24 of node_modules/.bin by itself; where this was started
 * by an older one, which can't read TypeScript, that Node 24 takes over.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

if (process.features.typescript) await import("../main.ts");
else handOver();

function handOver() {
  const at = (path) => fileURLToPath(new URL(path, import.meta.url));
  const args = [at("../main.ts"), ...process.argv.slice(2)];
  const child = spawn(at("../../node_modules/.bin/node"), args, { stdio: "inherit" });
  // A terminal sends Ctrl-C to both; a second one would end the child at once.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("error", () => {
    console.error("fleet-agent needs Node 24: run `npm ci` first.");
    process.exitCode = 1;
  });
  child.on("exit", (code) => {
    process.exitCode = code ?? 1;
  });
}
