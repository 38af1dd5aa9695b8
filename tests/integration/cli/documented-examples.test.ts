/** The examples of docs/05-command-line.md as they stand, each in a shell, where `npm start` would run. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EdgeTest, startEdgeTest } from "#tests/integration/edge/edge-test.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const PAGE = readFileSync(join(ROOT, "docs/05-command-line.md"), "utf8");
const LINES = [...PAGE.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block = ""]) => block.trim().split("\n"));
/** These change the shell that the later lines are typed into. */
const EXPORTS = LINES.filter((line) => line.startsWith("export "));

/** Here it finds a box that has failed, until its job is retried by the page's last line. */
const DOCTOR = "fleet-agent doctor";

let edge: EdgeTest;
let dir: string;
let open = true;
let agent: Promise<void>;
beforeAll(async () => {
  edge = await startEdgeTest();
  dir = mkdtempSync(join(tmpdir(), "documented-examples-"));
  // Where the reader stands: the repository, in which the test may write nothing.
  for (const name of ["node_modules", "package.json", "fleet-agent"]) symlinkSync(join(ROOT, name), join(dir, name));
  const { url, secrets } = edge.stack;
  const operator = { edge_url: url, operator_key: secrets.operatorKey, state_root: join(dir, "boxes") };
  writeFileSync(join(dir, "operator.json"), JSON.stringify(operator));
  await furnish();
  agent = carryOutEverything();
});
afterAll(async () => {
  open = false;
  await agent;
  rmSync(dir, { recursive: true });
  await edge.close();
});

/** The box that the page speaks of with its log, a bot without a box, and a job that has failed for good. */
async function furnish(): Promise<void> {
  const { token } = edge.stack.services.telegram.demo.bot;
  const id = await edge.liveBox({ telegram_bot_token: token });
  mkdirSync(join(dir, "boxes", id), { recursive: true });
  writeFileSync(join(dir, "boxes", id, "gateway.log"), "the gateway listens\n");
  const ada = edge.stack.services.telegram.createBot({ username: "ada_bot", name: "Ada" });
  writeFileSync(join(dir, "bot-token.txt"), `${ada.token}\n`);
  const { job } = await edge.provision();
  const { fence } = await edge.grantOf(job.id);
  const failure = { code: "image" as const, message: "The image can't be pulled.", retryable: false };
  await edge.agent.complete(job.id, { outcome: "failed", fence, failure });
}

/** An agent at work: it reports, and whatever it is given succeeds. */
async function carryOutEverything(): Promise<void> {
  while (open) {
    await edge.agent.send("POST", "/fleet/health", { boxes: [] });
    for (const grant of await edge.agent.poll(1)) {
      const { generation } = await edge.agent.desired(grant);
      const { fence, job_id } = grant;
      await edge.agent.complete(job_id, { outcome: "succeeded", fence, observed_generation: generation });
    }
  }
}

/** Types the line; Ctrl-C follows what prints until then. */
async function type(line: string): Promise<{ code: number | null; out: string; err: string }> {
  const script = ["set -eo pipefail", ...EXPORTS, line].join("\n");
  const { PATH = "", HOME = "" } = process.env;
  const env = { PATH, HOME, OPERATOR_FILE: join(dir, "operator.json") };
  const child = spawn("bash", ["-c", script], { cwd: dir, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const output = { out: "", err: "" };
  child.stdout.on("data", (text) => {
    output.out += text;
    if (line.includes("--follow") && child.pid) process.kill(-child.pid, "SIGINT");
  });
  child.stderr.on("data", (text) => {
    output.err += text;
  });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, ...output };
}

test(`${DOCTOR} fails for what has failed, and for nothing else`, async () => {
  expect(LINES).toContain(DOCTOR);
  const { code, out, err } = await type(DOCTOR);
  expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(/^1 of \d+ checks failed/) });
  expect(out).toContain("has failed: The image can't be pulled.");
});

test.each(LINES.filter((line) => line !== DOCTOR))("%s", async (line) => {
  const { code, out, err } = await type(line);
  expect({ code, failed: code === 0 ? "" : out + err }).toEqual({ code: 0, failed: "" });
  if (line.endsWith("--json")) expect(() => JSON.parse(out)).not.toThrow();
});

test("leave what they are for", async () => {
  expect(await edge.operator.boxes("?q=ada_bot")).toMatchObject([{ status: "active", tier: "starter" }]);
  expect(await edge.operator.boxes("?q=demo_agent_bot")).toMatchObject([{ status: "active", language: "pt" }]);
  expect(readFileSync(join(dir, "token.txt"), "utf8")).toMatch(/^ocp_/);
  expect(await edge.operator.jobs("?status=dead")).toEqual([]);
});
