/** The real command line against the real edge: what an operator does with it, and what it says when that goes wrong. */
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommandLine } from "#fleet-agent/cli/commands/run-command-line.ts";
import { fakeTerminal } from "#fleet-agent/testing/fake-terminal.ts";
import { Box, Job } from "#schema/contracts/internal.ts";
import { runCommand, startCommand } from "#tests/harness/command-line.ts";
import { until } from "#tests/harness/until.ts";
import { type EdgeTest, startEdgeTest } from "#tests/integration/edge/edge-test.ts";

let edge: EdgeTest;
let dir: string;
beforeAll(async () => {
  edge = await startEdgeTest();
  dir = mkdtempSync(join(tmpdir(), "command-line-"));
});
afterAll(async () => {
  rmSync(dir, { recursive: true });
  await edge.close();
});

const env = () => ({ EDGE_URL: edge.stack.url, OPERATOR_KEY: edge.stack.secrets.operatorKey });
/** In this process, which is what most of these tests need; those that wait or are interrupted start one of their own. */
async function run(line: string, input = "") {
  const terminal = fakeTerminal(env(), { input });
  const code = await runCommandLine(line.split(" "), terminal);
  return { code, out: terminal.out.join("\n"), err: terminal.err.join("\n") };
}
const json = async (line: string) => {
  const { code, out, err } = await run(`${line} --json`);
  if (code !== 0) throw new Error(`${line}: ${code} ${err}`);
  return JSON.parse(out);
};

describe("looking", () => {
  test("lists boxes as a table and as the API's own objects, over pages", async () => {
    const ids = [await edge.liveBox(), await edge.liveBox()];
    const listed: unknown[] = await json("boxes list --limit 1");
    expect(listed.map((box) => Box.parse(box).id)).toEqual([ids[1]]);
    const { out, err } = await run("boxes list --limit 1");
    expect(out).toMatch(/^ID +STATUS +HEALTH/);
    expect(err).toContain("--all shows the rest");
    const all: unknown[] = await json("boxes list --all");
    expect(all.length).toBeGreaterThanOrEqual(2);
  });

  test("finds a box by its id, the beginning of it, its bot, its customer and its namespace", async () => {
    const id = await edge.liveBox();
    const box: Box = await json(`boxes get ${id}`);
    for (const name of [id.slice(0, 8), `@${box.telegram_bot_username}`, box.customer_email ?? "", box.namespace]) {
      expect((await json(`boxes get ${name}`)).id, name).toBe(id);
    }
    const { out } = await run(`boxes get ${id}`);
    for (const part of [id, "active", box.customer_email, "edge"]) expect(out).toContain(part);
  });

  test("says with its exit code what went wrong", async () => {
    const id = crypto.randomUUID();
    expect(await run(`boxes get ${id}`)).toMatchObject({ code: 3, out: "" });
    expect(await run("boxes get @nobodys_bot")).toMatchObject({ code: 3 });
    expect(await run(`jobs get ${id}`)).toMatchObject({ code: 3 });
    expect(await run("jobs get 42")).toMatchObject({ code: 2 });
    const wrongKey = await runCommand(["boxes", "list"], { ...env(), OPERATOR_KEY: "oc_ops_wrong" });
    expect(wrongKey).toMatchObject({ code: 4 });
    expect(wrongKey.err).not.toContain("oc_ops_wrong");
    expect(await runCommand(["boxes", "list"], { ...env(), EDGE_URL: "http://127.0.0.1:1" })).toMatchObject({
      code: 5,
    });
  });
});

describe("changing a box", () => {
  test("asks first, and can't ask where nobody is", async () => {
    const id = await edge.liveBox();
    const { code, err } = await run(`boxes suspend ${id}`);
    expect(code).toBe(4);
    expect(err).toContain("--yes");
    expect((await edge.operator.box(id)).desired_status).toBe("active");
  });

  test("--dry-run shows the box and the request, and sends nothing", async () => {
    const id = await edge.liveBox();
    const { code, out } = await run(`boxes destroy ${id} --dry-run`);
    expect(code).toBe(0);
    expect(out).toContain(`POST ${edge.stack.url}/internal/destroy/${id}`);
    expect(out).toContain((await edge.operator.box(id)).customer_email);
    expect((await edge.operator.box(id)).generation).toBe(1);
  });

  test("--wait follows the job step by step to its end", async () => {
    const id = await edge.liveBox();
    const { ended, output } = startCommand(["boxes", "suspend", id, "--yes", "--wait"], env());
    const job = await until("the job", async () => (await edge.operator.jobs(`?box_id=${id}&type=suspend`))[0]);
    const grant = await edge.grantOf(job.id);
    const step = { fence: grant.fence, step: "deployment", message: "the gateway is to stop" };
    await edge.agent.send("POST", `/fleet/jobs/${job.id}/progress`, step);
    await until("the step to be told", () => output.err.includes("deployment: the gateway is to stop"));
    const { generation } = await edge.agent.desired(grant);
    await edge.agent.complete(job.id, { outcome: "succeeded", fence: grant.fence, observed_generation: generation });
    expect(await ended).toMatchObject({ code: 0, out: expect.stringContaining("is suspended.") });
  });

  test("a change that is refused is told in the edge's words", async () => {
    const id = await edge.liveBox();
    const { code, err } = await run(`boxes reactivate ${id}`);
    expect(code).toBe(4);
    expect(err).toContain("only a suspended box can be reactivated");
  });

  test("Ctrl-C while waiting leaves the job running, and says so", async () => {
    const id = await edge.liveBox();
    const { child, ended, output } = startCommand(["boxes", "restart", id, "--wait"], env());
    await until("the job to be followed", () => output.err.includes("Following the restart job"));
    child.kill("SIGINT");
    const { code, err } = await ended;
    expect(code).toBe(130);
    expect(err).toContain("The job goes on");
    const [job] = await edge.operator.jobs(`?box_id=${id}&type=restart`);
    await edge.carryOut(job?.id ?? "");
  });
});

describe("jobs", () => {
  /** A job that has failed for good. */
  async function deadJob() {
    const { box, job } = await edge.provision();
    const { fence } = await edge.grantOf(job.id);
    const failure = { code: "image" as const, message: "The image can't be pulled.", retryable: false };
    await edge.agent.complete(job.id, { outcome: "failed", fence, failure });
    return { box, job };
  }

  test("lists what has failed and why, and retries it", async () => {
    const { box, job } = await deadJob();
    const { out } = await run(`jobs list --box ${box.id} --status dead`);
    expect(out).toContain("The image can't be pulled.");
    const retrying = startCommand(["jobs", "retry", job.id, "--wait", "--json"], env());
    await edge.carryOut(job.id);
    const { code, out: answer } = await retrying.ended;
    expect(code).toBe(0);
    expect(Job.parse(JSON.parse(answer))).toMatchObject({ id: job.id, status: "succeeded" });
    expect(await run(`jobs retry ${job.id}`)).toMatchObject({ code: 4 });
  });

  test("waiting for one that fails ends with 1 and its words", async () => {
    const { job } = await deadJob();
    const { ended } = startCommand(["jobs", "retry", job.id, "--wait"], env());
    const { fence } = await edge.grantOf(job.id);
    const failure = { code: "quota" as const, message: "The quota is too small.", retryable: false };
    await edge.agent.complete(job.id, { outcome: "failed", fence, failure });
    const { code, err } = await ended;
    expect(code).toBe(1);
    expect(err).toContain("has failed for good: The quota is too small.");
    expect(err).toContain(`fleet-agent jobs retry ${job.id}`);
  });

  test("cancels one that waits", async () => {
    const { job } = await edge.provision();
    expect(await run(`jobs cancel ${job.id}`)).toMatchObject({ code: 4 });
    expect(await json(`jobs cancel ${job.id} --yes`)).toMatchObject({ id: job.id, status: "cancelled" });
  });
});

describe("tokens", () => {
  async function ownToken() {
    const { customer_email } = await edge.operator.box(await edge.liveBox());
    const response = await edge.operator.send("POST", "/internal/tokens", { customer_email, label: "laptop" });
    return (await response.json()) as { token: { id: string }; value: string };
  }

  test("whose a leaked value is: from standard input only", async () => {
    const { token, value } = await ownToken();
    const { code, out, err } = await run("tokens lookup", `${value}\n`);
    expect(code).toBe(0);
    expect(out).toContain(token.id);
    expect(out + err).not.toContain(value);
    expect(await run(`tokens lookup ${value}`)).toMatchObject({ code: 2 });
  });

  test("creates one for a customer's own programs, into a file that only its owner reads", async () => {
    const { customer_email } = await edge.operator.box(await edge.liveBox());
    const file = join(dir, "created");
    const line = `tokens create --email ${customer_email} --label laptop --value-file ${file}`;
    const { code, out, err } = await run(line);
    expect(code).toBe(0);
    const value = readFileSync(file, "utf8").trim();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(out).toContain("laptop");
    expect(out + err).not.toContain(value);
    expect((await edge.askModel(value)).status).toBe(200);
    expect(await run(line)).toMatchObject({ code: 2, err: expect.stringContaining("exists already") });
    const nobody = `tokens create --email nobody@example.com --label x --value-file ${file}2`;
    expect(await run(nobody)).toMatchObject({ code: 3 });
    expect(await run(nobody), "a refusal leaves no file").toMatchObject({ code: 3 });
  });

  test("rotates a customer's own token into a file that only its owner reads, and prints no value", async () => {
    const { token, value } = await ownToken();
    expect(await run(`tokens rotate ${token.id} --yes`)).toMatchObject({ code: 2 });
    const file = join(dir, "value");
    const { code, out, err } = await run(`tokens rotate ${token.id} --overlap 0 --value-file ${file} --yes --json`);
    expect(code).toBe(0);
    const fresh = readFileSync(file, "utf8").trim();
    expect(fresh).toMatch(/^ocp_/);
    expect(fresh).not.toBe(value);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(out + err).not.toContain(fresh);
    expect((await edge.askModel(fresh)).status).toBe(200);
    expect((await edge.askModel(value)).status).toBe(401);
    const { token: next } = JSON.parse(out);
    expect(await run(`tokens rotate ${next.id} --value-file ${file} --yes`)).toMatchObject({ code: 2 });
    expect(await run(`tokens revoke ${next.id} --yes`)).toMatchObject({ code: 0 });
    expect((await edge.askModel(fresh)).status).toBe(401);
  });

  test("a box's token reaches its pod only", async () => {
    const id = await edge.liveBox();
    const [token] = await json(`tokens list --box ${id}`);
    const rotating = startCommand(["tokens", "rotate", token.id, "--overlap", "0", "--yes", "--wait"], env());
    const job = await until("the job", async () => (await edge.operator.jobs(`?box_id=${id}&type=rotate_token`))[0]);
    await edge.carryOut(job.id);
    const { code, out } = await rotating.ended;
    expect(code).toBe(0);
    expect(out).toContain("The box has it.");
    expect(out).not.toContain("ocp_");
  });
});
