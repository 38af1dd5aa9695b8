import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FakeOperatorEdge, startFakeOperatorEdge } from "../../../testing/fake-operator-edge.ts";
import { fakeTerminal } from "../../../testing/fake-terminal.ts";
import { sampleAnsweredBox, sampleJob } from "../../../testing/sample-answers.ts";
import { runCommandLine } from "../run-command-line.ts";

const TOKEN = `123456789:${"A".repeat(35)}`;
const box = sampleAnsweredBox();
const job = sampleJob({ box_id: box.id, type: "provision" });
let edge: FakeOperatorEdge;
let dir: string;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "provision-"));
  edge = await startFakeOperatorEdge();
  edge.routes[`GET /internal/boxes/${box.id}`] = () => ({ body: box });
  for (const path of ["provision", `update/${box.id}`])
    edge.routes[`POST /internal/${path}`] = () => ({ status: 202, body: { box, job } });
});
afterEach(async () => {
  rmSync(dir, { recursive: true });
  await edge.close();
});

async function run(line: string, options: Parameters<typeof fakeTerminal>[1] = {}) {
  const terminal = fakeTerminal(edge.env, options);
  const code = await runCommandLine(line.split(" "), terminal);
  return { code, out: terminal.out.join("\n"), err: terminal.err.join("\n") };
}
const sent = () => edge.calls.filter(({ method }) => method === "POST").map(({ body }) => body);

describe("boxes provision", () => {
  const GIVEN = "boxes provision --email Ada@Example.com --telegram-user 42 --tier pro";

  it("takes the bot's token from standard input, and prints it nowhere", async () => {
    const { code, out, err } = await run(`${GIVEN} --language pt`, { input: `${TOKEN}\n` });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain(job.id);
    expect(out).not.toContain(TOKEN);
    expect(sent()).toEqual([
      {
        customer_email: "ada@example.com",
        telegram_user_id: 42,
        tier: "pro",
        language: "pt",
        telegram_bot_token: TOKEN,
      },
    ]);
  });

  it.each([
    [`${GIVEN} --model gpt`, TOKEN, "kimi-coding/k2p5"],
    [GIVEN, "123", "That is no bot token"],
    [GIVEN.replace("42", "ada"), TOKEN, "must be a Telegram user id"],
    [GIVEN.replace("Ada@", ""), TOKEN, "must be an email address"],
    ["boxes provision --tier pro", TOKEN, "--email"],
  ])("%s with %s is told what is wrong, and sends nothing", async (line, input, words) => {
    expect(await run(line, { input })).toMatchObject({ code: 2, out: "", err: expect.stringContaining(words) });
    expect(sent()).toEqual([]);
  });

  it("--dry-run needs no token", async () => {
    const { code, out } = await run(`${GIVEN} --dry-run --json`);
    expect(code).toBe(0);
    expect(JSON.parse(out).request.body).toEqual({
      customer_email: "ada@example.com",
      telegram_user_id: 42,
      tier: "pro",
    });
    expect(sent()).toEqual([]);
  });
});

describe("boxes update", () => {
  it("sends what is named, and nothing else", async () => {
    const file = join(dir, "prompt.md");
    writeFileSync(file, "Be brief.");
    for (const options of [
      "--language pt --thinking-level high",
      `--system-prompt-file ${file}`,
      "--system-prompt-file -",
      "--remove-system-prompt",
    ]) {
      expect(await run(`boxes update ${box.id} ${options}`, { input: "From here." }), options).toMatchObject({
        code: 0,
      });
    }
    expect(sent()).toEqual([
      { language: "pt", thinking_level: "high" },
      { system_prompt: "Be brief." },
      { system_prompt: "From here." },
      { system_prompt: null },
    ]);
  });

  it.each([
    ["", "Say what to change"],
    [" --system-prompt-file /nowhere/prompt.md", "can't be read"],
    [" --system-prompt-file - --remove-system-prompt", "cannot be used with"],
    [" --system-prompt-file -", "must be 1 to 20,000 characters"],
  ])("without something to change it sends nothing: %j", async (options, words) => {
    expect(await run(`boxes update ${box.id}${options}`)).toMatchObject({
      code: 2,
      err: expect.stringContaining(words),
    });
    expect(sent()).toEqual([]);
  });
});
