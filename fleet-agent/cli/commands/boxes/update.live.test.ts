import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FakeOperatorEdge, startFakeOperatorEdge } from "../../../testing/fake-operator-edge.ts";
import { fakeTerminal } from "../../../testing/fake-terminal.ts";
import { sampleAnsweredBox, sampleJob } from "../../../testing/sample-answers.ts";
import { runCommandLine } from "../run-command-line.ts";

const TOKEN = `123456789:${"A".repeat(35)}`;
const ada = { id: 42, name: "Ada" };
const grace = { id: 43, name: "Grace" };
const box = sampleAnsweredBox({ tier: "team", telegram_user_ids: [42, 43], telegram_users: [ada, grace] });
const job = sampleJob({ box_id: box.id, type: "update" });

let edge: FakeOperatorEdge;
beforeEach(async () => {
  edge = await startFakeOperatorEdge();
  edge.routes[`GET /internal/boxes/${box.id}`] = () => ({ body: box });
  for (const verb of ["update", "resize"]) {
    edge.routes[`POST /internal/${verb}/${box.id}`] = () => ({ status: 202, body: { box, job } });
  }
});
afterEach(() => edge.close());

async function run(line: string, options: Parameters<typeof fakeTerminal>[1] = {}) {
  const terminal = fakeTerminal(edge.env, options);
  const code = await runCommandLine(line.split(" "), terminal);
  return { code, out: terminal.out.join("\n"), err: terminal.err.join("\n") };
}
const sent = () => edge.calls.filter(({ method }) => method === "POST").map(({ body }) => body);

describe("boxes update", () => {
  it("adds people and names them, and shows who may talk to a box", async () => {
    const line = `boxes update ${box.id} --add-user 44 --add-user 42=Ada_Lovelace`;
    expect(await run(line)).toMatchObject({ code: 0, out: expect.stringContaining(job.id) });
    const people = [{ id: 42, name: "Ada_Lovelace" }, grace, { id: 44, name: null }];
    expect(sent()).toEqual([{ telegram_users: people }]);
    expect((await run(`boxes get ${box.id}`)).out).toMatch(/users +Ada \(42\), Grace \(43\)/);
  });

  it("takes access away only once that was said, and says from whom", async () => {
    const line = `boxes update ${box.id} --remove-user 43`;
    const asked = await run(line);
    expect(asked).toMatchObject({ code: 4, err: expect.stringContaining("away from Grace (43)?") });
    expect(sent()).toEqual([]);
    expect((await run(`${line} --yes`)).code).toBe(0);
    expect(sent()).toEqual([{ telegram_users: [ada] }]);
  });

  it("reads a bot's token from standard input and shows it nowhere", async () => {
    const done = await run(`boxes update ${box.id} --new-bot --language de`, { input: `${TOKEN}\n` });
    expect(done.code).toBe(0);
    expect(sent()).toEqual([{ language: "de", telegram_bot_token: TOKEN }]);
    expect(done.out + done.err).not.toContain(TOKEN);
    const dry = await run(`boxes update ${box.id} --new-bot --dry-run`, { input: TOKEN });
    expect(dry).toMatchObject({ code: 0 });
    expect(dry.out + dry.err).not.toContain(TOKEN);
    expect(sent()).toHaveLength(1);
  });

  it.each([
    "",
    " --new-bot",
    " --add-user Ada",
    " --remove-user 44 --yes",
    " --remove-user 42 --remove-user 43 --yes",
    " --model gpt-99",
    " --new-bot --system-prompt-file -",
  ])("with%s sends nothing", async (options) => {
    expect((await run(`boxes update ${box.id}${options}`, { input: "no token" })).code).toBe(2);
    expect(sent()).toEqual([]);
  });
});

it("boxes provision takes several people with their names", async () => {
  edge.routes["POST /internal/provision"] = () => ({ status: 202, body: { box, job } });
  const line = "boxes provision --email ada@example.com --tier team --telegram-user 42=Ada --telegram-user 44";
  expect((await run(line, { input: TOKEN })).code).toBe(0);
  const telegram_users = [ada, { id: 44, name: null }];
  expect(sent()).toMatchObject([{ telegram_users, tier: "team" }]);
});

describe("boxes resize", () => {
  it("names who keeps access", async () => {
    expect((await run(`boxes resize ${box.id} --tier pro --keep-user 43`)).code).toBe(0);
    expect(sent()).toEqual([{ tier: "pro", telegram_users: [grace] }]);
    expect((await run(`boxes resize ${box.id} --tier pro --keep-user 44`)).code).toBe(2);
    expect(sent()).toHaveLength(1);
  });
});
