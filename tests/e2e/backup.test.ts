/** An agent's memory, by the real OpenClaw: backed up while it works, restored into a new box after the first is destroyed. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { fetchOpenClaw } from "#cluster/image/openclaw/fetch.ts";
import { type Stack, startStack } from "#cluster/local/stack.ts";
import type { Backup } from "#schema/contracts/backups.ts";
import { template } from "#schema/migrator/testing/templates.ts";
import { Operator } from "#tests/harness/operator.ts";

const root = mkdtempSync(join(tmpdir(), "backup-e2e-"));
const log: string[] = [];
let stack: Stack;
let operator: Operator;
let first: string;
let second: string;
let backup: Backup;

beforeAll(async () => {
  await fetchOpenClaw({ onProgress: (line) => console.log(line) });
  stack = await startStack({
    bundle: inject("bundle"),
    database: await template("migrated"),
    onEdgeLog: (line) => log.push(line),
  });
  operator = new Operator(stack.url, stack.secrets.operatorKey);
  stack.startFleetAgent({ STATE_ROOT: root }, (line) => log.push(line));
});

afterAll(async () => {
  await stack.close();
  rmSync(root, { recursive: true, force: true });
});

const state = (box: string, ...path: string[]) => join(root, box, "state", ...path);
const gatewayOf = (box: string) => readFileSync(state(box, "config/gateway.pid"), "utf8");

async function chat(text: string): Promise<string> {
  const { bot, user } = stack.services.telegram.demo;
  const sent = stack.services.telegram.sendAsUser({ userId: user.id, bot: bot.username, text });
  const after = sent.message_id;
  const reply = await stack.services.telegram.waitForReply({
    userId: user.id,
    bot: bot.username,
    after,
    timeoutMs: 120_000,
  });
  return reply.text ?? "";
}

/** Everything in the conversation's database, as text. */
function transcript(box: string): string {
  const database = new DatabaseSync(state(box, "openclaw/agents/main/agent/openclaw-agent.sqlite"), { readOnly: true });
  try {
    return JSON.stringify(database.prepare("SELECT * FROM transcript_events").all());
  } finally {
    database.close();
  }
}

// Three cold starts and a restart of the real gateway: minutes on a busy machine.
describe("an agent's memory", { timeout: 480_000 }, () => {
  test("is copied while the agent works: the same gateway, no byte of it readable in the storage", async () => {
    const { bot, user } = stack.services.telegram.demo;
    const made = await operator.provision({
      customer_email: "ada@example.com",
      telegram_bot_token: bot.token,
      telegram_user_id: user.id,
      tier: "starter",
    });
    first = made.box.id;
    await operator.succeeded(made.job.id, 180_000);
    expect(await chat("remember the word pomegranate")).toContain("pomegranate");
    writeFileSync(state(first, "workspace/MEMORY.md"), "The word is pomegranate.");
    const gateway = gatewayOf(first);

    const started = await operator.backUp(first);
    await operator.succeeded(started.job.id);
    expect(gatewayOf(first)).toBe(gateway);
    expect(await chat("are you still there?")).toContain("are you still there?");

    backup = await operator.backup(started.backup.id);
    expect(backup).toMatchObject({ status: "stored", openclaw: "2026.9.6", box_id: first, scheduled: false });
    const objects = stack.services.s3.objects();
    expect(objects.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(backup.bytes);
    for (const { key } of objects) {
      expect(key).toMatch(new RegExp(`^boxes/${first}/${backup.id}/\\d{5}$`));
      expect(Buffer.from(await stack.services.s3.read(key)).includes("pomegranate")).toBe(false);
    }
    expect(await operator.box(first)).toMatchObject({ status: "active", generation: 1 });
  });

  test("is in a new box before that says its first word, after the old one is gone", async () => {
    const gone = await operator.change("destroy", first);
    await operator.succeeded(gone.job.id);
    const made = await operator.restore(backup.id, { telegram_bot_token: stack.services.telegram.demo.bot.token });
    second = made.box.id;
    expect(second).not.toBe(first);
    const job = await operator.succeeded(made.job.id, 180_000);
    expect(job.steps.map(({ message }) => message)).toContain("the memory is restored");
    expect(readFileSync(state(second, "workspace/MEMORY.md"), "utf8")).toBe("The word is pomegranate.");
    expect(transcript(second)).toContain("pomegranate");
    expect(await operator.box(second)).toMatchObject({ status: "active", customer_id: made.box.customer_id });
    expect(await chat("are you back?")).toContain("are you back?");
    expect(transcript(second)).toContain("remember the word pomegranate");
  });

  test("replaced in a living box, it is what it was at the backup", async () => {
    writeFileSync(state(second, "workspace/MEMORY.md"), "The word is quince.");
    const { job } = await operator.restore(backup.id, { box_id: second });
    await operator.succeeded(job.id, 300_000);
    expect(readFileSync(state(second, "workspace/MEMORY.md"), "utf8")).toBe("The word is pomegranate.");
    expect(transcript(second)).not.toContain("are you back?");
    expect(await chat("and now?")).toContain("and now?");
  });

  test("changed in the storage, it is refused with words, and the box works on as it is", async () => {
    const [part] = stack.services.s3.objects();
    const content = Buffer.from(await stack.services.s3.read(part?.key ?? ""));
    content.writeUInt8(content.readUInt8(100) ^ 1, 100);
    await stack.services.s3.overwrite(part?.key ?? "", content);
    writeFileSync(state(second, "workspace/MEMORY.md"), "mine");
    const gateway = gatewayOf(second);
    const { job } = await operator.restore(backup.id, { box_id: second });
    await expect(operator.succeeded(job.id)).rejects.toThrow(
      "The backup could not be restored: The backup is damaged: its part 1 differs from what was stored",
    );
    expect(await operator.box(second)).toMatchObject({ status: "active", health: "healthy" });
    expect([readFileSync(state(second, "workspace/MEMORY.md"), "utf8"), gatewayOf(second)]).toEqual(["mine", gateway]);
    expect(await chat("still you?")).toContain("still you?");
  });

  test("no key of a backup and no token of a transfer was logged", () => {
    const everything = log.join("\n");
    expect(log.length).toBeGreaterThan(10);
    expect(everything).not.toContain(stack.secrets.s3Secret);
    expect(everything).not.toMatch(/"(key|token)":/);
  });
});
