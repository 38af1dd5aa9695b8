import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { until } from "#tests/harness/until.ts";
import { type GatewayOptions, keepGatewayRunning } from "./gateway-process.ts";
import type { Failing } from "./trouble.ts";

const BACKOFF = { firstMs: 5, capMs: 20, steadyMs: 60_000 };

function keep(program: string, options: Partial<GatewayOptions> = {}) {
  const { promise: givenUp, resolve: onGivenUp } = Promise.withResolvers<Failing>();
  const cwd = mkdtempSync(join(tmpdir(), "gateway-"));
  writeFileSync(join(cwd, "program.cjs"), program);
  const env = { PATH: process.env.PATH ?? "" };
  return {
    cwd,
    givenUp,
    gateway: keepGatewayRunning({
      command: process.execPath,
      args: ["program.cjs"],
      cwd,
      env,
      backoff: BACKOFF,
      graceMs: 20_000,
      onGivenUp,
      ...options,
    }),
  };
}

test("a process that ends quickly is started again twice, then given up, and how it ended is known", async () => {
  const { gateway, givenUp } = keep("process.exit(78)");
  expect(await givenUp).toEqual({ code: "config_refused", words: "it refused its configuration" });
  expect(gateway.state()).toMatchObject({ running: false, restarts: 2, lastExit: "it refused its configuration" });
  await gateway.stop();
});

test("why it ended is told by its last words where its exit code is that of several causes", async () => {
  const ends: string[] = [];
  const said = "shared state database is unreadable: file is not a database. Stop OpenClaw";
  const { gateway, givenUp } = keep(`console.error(${JSON.stringify(said)}); process.exitCode = 78`, {
    onEnd: ({ code }) => ends.push(code),
  });
  expect(await givenUp).toMatchObject({ code: "state_damaged" });
  expect(ends).toEqual(["state_damaged", "state_damaged", "state_damaged"]);
  await gateway.stop();
});

test("one that holds out for a while before it ends is never given up", async () => {
  const { gateway } = keep("process.exit(1)", { backoff: { ...BACKOFF, steadyMs: 0 } });
  await until("five restarts", () => gateway.state().restarts >= 5);
  await gateway.stop();
});

test("what has to be done before a start is done before each one, while none runs", async () => {
  const running: boolean[] = [];
  let kept: ReturnType<typeof keep> | undefined;
  const beforeStart = () => void running.push(kept?.gateway.state().running ?? false);
  kept = keep("process.exit(1)", { beforeStart });
  await kept.givenUp;
  expect(running).toEqual([false, false, false]);
  await kept.gateway.stop();
});

test("a program that can't be started is tried again, then given up", async () => {
  const { gateway, givenUp } = keep("", { command: "/nowhere/node" });
  expect((await givenUp).words).toContain("ENOENT");
  expect(gateway.state().restarts).toBe(2);
  await gateway.stop();
});

test("its lines are passed on", async () => {
  const lines: string[] = [];
  const { gateway } = keep('console.log("one"); console.error("two"); setInterval(() => {}, 1000)', {
    onLine: (line) => lines.push(line),
  });
  await until("two lines", () => lines.length === 2);
  expect(lines.sort()).toEqual(["one", "two"]);
  await gateway.stop();
});

test("stop waits for a clean end", async () => {
  const program =
    'process.on("SIGTERM", () => { require("fs").writeFileSync("clean", ""); process.exit(0); }); console.log("up"); setInterval(() => {}, 1000)';
  let up = false;
  const { cwd, gateway } = keep(program, {
    onLine: () => {
      up = true;
    },
  });
  await until("its first line", () => up);
  await gateway.stop();
  expect(readFileSync(join(cwd, "clean"), "utf8")).toBe("");
  expect(gateway.state()).toMatchObject({ running: false, restarts: 0 });
});

test("what does not end in time is killed, with what it started", async () => {
  const program = `
    const child = require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    process.on("SIGTERM", () => {});
    console.log(child.pid);
    setInterval(() => {}, 1000);`;
  let grandchild = 0;
  const { gateway } = keep(program, {
    graceMs: 50,
    onLine: (line) => {
      grandchild = Number(line);
    },
  });
  await until("the grandchild", () => grandchild > 0);
  await gateway.stop();
  await until("the grandchild's end", () => !isThere(grandchild));
  expect(gateway.state().running).toBe(false);
});

/** Whether it runs: one that ended but was not collected yet does not. */
function isThere(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
