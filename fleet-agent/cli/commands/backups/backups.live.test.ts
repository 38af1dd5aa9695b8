import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Backup } from "#schema/contracts/backups.ts";
import { type FakeOperatorEdge, startFakeOperatorEdge } from "../../../testing/fake-operator-edge.ts";
import { fakeTerminal } from "../../../testing/fake-terminal.ts";
import { sampleAnsweredBox, sampleJob } from "../../../testing/sample-answers.ts";
import { runCommandLine } from "../run-command-line.ts";

const TOKEN = `123456789:${"A".repeat(35)}`;
const box = sampleAnsweredBox();
const job = sampleJob({ box_id: box.id });
const backup: Backup = {
  id: "5b0c2f4e-93c3-4c57-8d3c-0f6e64f8b8a2",
  box_id: box.id,
  customer_id: box.customer_id,
  status: "stored",
  scheduled: true,
  reason: null,
  bytes: 3_355_443,
  sha256: "a".repeat(64),
  files: 12,
  openclaw: "2026.9.6",
  job_id: job.id,
  requested_by: "system",
  created_at: "2026-09-30T10:00:00.000Z",
  stored_at: "2026-09-30T10:00:09.000Z",
  removed_at: null,
};

let edge: FakeOperatorEdge;
beforeEach(async () => {
  edge = await startFakeOperatorEdge();
  edge.routes[`GET /internal/boxes/${box.id}`] = () => ({ body: box });
  edge.routes[`GET /internal/backups/${backup.id}`] = () => ({ body: backup });
  edge.routes["GET /internal/backups"] = () => ({ body: { backups: [backup], next_cursor: null } });
  edge.routes[`POST /internal/backup/${box.id}`] = () => ({ status: 202, body: { backup, job } });
  edge.routes[`POST /internal/backups/${backup.id}/restore`] = () => ({ status: 202, body: { box, job } });
});
afterEach(() => edge.close());

async function run(line: string, options: Parameters<typeof fakeTerminal>[1] = {}) {
  const terminal = fakeTerminal(edge.env, options);
  const code = await runCommandLine(line.split(" "), terminal);
  return { code, out: terminal.out.join("\n"), err: terminal.err.join("\n") };
}
const sent = () => edge.calls.filter(({ method }) => method === "POST");

describe("backups", () => {
  it("are taken, listed and shown", async () => {
    expect(await run(`backup ${box.id}`)).toMatchObject({ code: 0, out: expect.stringContaining("3.2 MiB, 12 files") });
    expect((await run("backups list")).out).toMatch(/ID +STATUS[\s\S]*stored[\s\S]*3\.2 MiB[\s\S]*schedule/);
    expect(JSON.parse((await run(`backups get ${backup.id} --json`)).out)).toEqual(backup);
    expect(sent()).toHaveLength(1);
  });
});

describe("restore", () => {
  it("replaces a box's memory only once that was said", async () => {
    expect((await run(`restore ${backup.id} --box ${box.id}`)).code).not.toBe(0);
    expect(sent()).toEqual([]);
    expect((await run(`restore ${backup.id} --box ${box.id} --yes`)).code).toBe(0);
    expect(sent().map(({ body }) => body)).toEqual([{ box_id: box.id }]);
  });

  it("into a new box takes the bot's token from standard input and shows it nowhere", async () => {
    const done = await run(`restore ${backup.id} --new --yes`, { input: `${TOKEN}\n` });
    expect(done.code).toBe(0);
    expect(sent().map(({ body }) => body)).toEqual([{ telegram_bot_token: TOKEN }]);
    expect(done.out + done.err).not.toContain(TOKEN);
    expect((await run(`restore ${backup.id} --new --yes`, { input: "no token" })).code).toBe(2);
  });

  it("wants one place, and with --dry-run sends nothing", async () => {
    for (const where of ["", " --new --box x"]) expect((await run(`restore ${backup.id}${where}`)).code).toBe(2);
    expect((await run(`restore ${backup.id} --box ${box.id} --dry-run`)).code).toBe(0);
    expect(sent()).toEqual([]);
  });
});
