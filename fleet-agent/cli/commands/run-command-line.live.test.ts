import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type FakeOperatorEdge,
  OPERATOR_KEY,
  problem,
  startFakeOperatorEdge,
} from "../../testing/fake-operator-edge.ts";
import { fakeTerminal } from "../../testing/fake-terminal.ts";
import { sampleAnsweredBox, sampleJob } from "../../testing/sample-answers.ts";
import { runCommandLine } from "./run-command-line.ts";

let edge: FakeOperatorEdge;
beforeEach(async () => {
  edge = await startFakeOperatorEdge();
});
afterEach(() => edge.close());

async function run(line: string, options: Parameters<typeof fakeTerminal>[1] = {}, answers: string[] = []) {
  const terminal = Object.assign(fakeTerminal(edge.env, options), { answers });
  const code = await runCommandLine(line.split(" ").filter(Boolean), terminal);
  return { code, out: terminal.out.join("\n"), err: terminal.err.join("\n") };
}

describe("an error of the edge", () => {
  it.each([
    [400, 2, "invalid_request"],
    [403, 4, "forbidden"],
    [404, 3, "not_found"],
    [409, 4, "conflict"],
    [500, 5, "internal"],
  ])("%d ends with %d", async (status, exit, code) => {
    edge.routes["GET /internal/boxes"] = () => problem(status, code, "in words");
    expect(await run("boxes list")).toMatchObject({ code: exit, out: "", err: expect.stringContaining("in words") });
  });

  it("that refuses the key says which key, and where it belongs", async () => {
    edge.routes["GET /internal/boxes"] = () => problem(401, "unauthorized", "Send an operator's key");
    const { code, err } = await run("boxes list");
    expect(code).toBe(4);
    expect(err).toBe(
      "The edge at EDGE_URL does not know the key in OPERATOR_KEY: its SHA-256 must be in that edge's INTERNAL_KEYS.",
    );
  });

  it("of its own is told with the request's id, and its wait is kept", async () => {
    let calls = 0;
    edge.routes["GET /internal/boxes"] = () =>
      calls++ < 2
        ? problem(503, "upstream_unavailable", "later", { "retry-after": "0" })
        : { body: { boxes: [], next_cursor: null } };
    expect(await run("boxes list")).toMatchObject({ code: 0, out: "There are no boxes." });
    edge.routes["GET /internal/boxes"] = () => problem(500, "internal", "words");
    expect((await run("boxes list")).err).toContain("(request r-1)");
  });

  it("that is none of ours is told as such", async () => {
    edge.routes["GET /internal/boxes"] = () => ({ status: 502, body: "<html>" });
    expect(await run("boxes list")).toMatchObject({ code: 5, err: expect.stringContaining("is EDGE_URL really") });
    edge.routes["GET /internal/boxes"] = () => ({ body: { boxes: "none" } });
    expect(await run("boxes list")).toMatchObject({ code: 1, err: expect.stringContaining("this version") });
  });

  it("follows no redirect: the key would go with it", async () => {
    edge.routes["GET /internal/boxes"] = () => ({ status: 302, body: {}, headers: { location: "/elsewhere" } });
    expect((await run("boxes list")).code).toBe(5);
    expect(edge.calls.map(({ path }) => path)).not.toContain("/elsewhere");
  });
});

describe("a change", () => {
  const box = sampleAnsweredBox();
  const job = sampleJob({ box_id: box.id });
  beforeEach(() => {
    edge.routes[`GET /internal/boxes/${box.id}`] = () => ({ body: box });
  });

  it("whose answer was lost is sent again under the same key", async () => {
    let calls = 0;
    edge.routes[`POST /internal/restart/${box.id}`] = () => {
      if (calls++ === 0) throw new Error("reset");
      return { status: 202, body: { box, job } };
    };
    expect((await run(`boxes restart ${box.id}`)).code).toBe(0);
    const keys = edge.calls.filter(({ method }) => method === "POST").map(({ headers }) => headers["idempotency-key"]);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
  });

  it("whose route knows no keys is sent once", async () => {
    edge.routes[`POST /internal/boxes/${box.id}/rollout-order`] = () => {
      throw new Error("reset");
    };
    expect((await run(`fleet rollout first ${box.id}`)).code).toBe(5);
    expect(edge.calls.filter(({ method }) => method === "POST")).toHaveLength(1);
  });

  it("shows what it is about before it asks, and does nothing without a yes", async () => {
    const { code, err } = await run(`boxes destroy ${box.id}`, { interactive: true }, ["y"]);
    expect(code).toBe(4);
    expect(err).toContain(box.customer_email);
    expect(err).toContain("Nothing was done.");
    expect(edge.calls.every(({ method }) => method === "GET")).toBe(true);
  });

  it("goes on with the word", async () => {
    edge.routes[`POST /internal/destroy/${box.id}`] = () => ({ status: 202, body: { box, job } });
    const { code, out } = await run(`boxes destroy ${box.id}`, { interactive: true }, [box.id.slice(0, 8)]);
    expect(code).toBe(0);
    expect(out).toContain(job.id);
  });

  it("--dry-run --json is the request as it would be", async () => {
    const { out } = await run(`boxes resize ${box.id} --tier pro --dry-run --json`);
    expect(JSON.parse(out)).toEqual({
      dry_run: true,
      request: { method: "POST", url: `${edge.url}/internal/resize/${box.id}`, body: { tier: "pro" } },
    });
  });
});

describe("boxes list", () => {
  const asked = async (line: string) => {
    edge.routes["GET /internal/boxes"] = () => ({ body: { boxes: [], next_cursor: null } });
    const { code, out } = await run(line);
    return { code, out, query: Object.fromEntries(edge.calls.at(-1)?.query ?? []) };
  };

  it.each([
    ["boxes list", { destroyed: "false" }, "There are no boxes."],
    ["boxes list --destroyed", { destroyed: "true" }, "There are no such boxes."],
    ["boxes list --status destroyed", { status: "destroyed" }, "There are no such boxes."],
    ["boxes list --health unhealthy", { destroyed: "false", health: "unhealthy" }, "There are no such boxes."],
  ])("%s", async (line, query, out) => expect(await asked(line)).toEqual({ code: 0, out, query }));

  it("shows why a box is unhealthy", async () => {
    const box = sampleAnsweredBox({ health: "unhealthy", health_code: "crash_loop" });
    edge.routes["GET /internal/boxes"] = () => ({ body: { boxes: [box], next_cursor: null } });
    expect((await run("boxes list")).out).toContain("unhealthy (crash_loop)");
  });
});

describe("a box's name", () => {
  it("that is not one is asked back, with what there is", async () => {
    const two = [sampleAnsweredBox({ id: "3f2a0000-0000-4000-8000-000000000001" }), sampleAnsweredBox()];
    edge.routes["GET /internal/boxes"] = () => ({ body: { boxes: two, next_cursor: null } });
    const { code, err } = await run("boxes get ada@example.com");
    expect(code).toBe(2);
    for (const { id } of two) expect(err).toContain(id);
    expect((await run("boxes get 3f2a")).code).toBe(0);
  });

  it("prefers the living", async () => {
    const old = sampleAnsweredBox({ status: "destroyed" });
    const now = sampleAnsweredBox();
    edge.routes["GET /internal/boxes"] = () => ({ body: { boxes: [old, now], next_cursor: null } });
    expect((await run("boxes get @ada_bot")).out).toContain(now.id);
  });
});

describe("whoever types", () => {
  it.each([
    ["", "Usage:"],
    ["boxs list", "Did you mean boxes?"],
    ["boxes suspnd x", "Did you mean suspend?"],
    ["boxes list --status gone", "pending, provisioning"],
    ["boxes list --limit many", "must be a whole number"],
    ["boxes list --limit 0", "must be a whole number, 1 or more"],
    ["boxes list --health ill", "unknown, healthy, unhealthy"],
    ["jobs get 42", "must be a whole id"],
    ["tokens rotate 42 --overlap -1", "must be"],
  ])("%j is told what is wrong", async (line, words) => {
    const { code, out, err } = await run(line);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toContain(words);
  });

  it("finds help with examples, and never a key in it", async () => {
    for (const group of ["boxes", "jobs", "tokens", "fleet"]) {
      const { code, out } = await run(`${group} --help`);
      expect(code).toBe(0);
      expect(out).toContain(`fleet-agent ${group} `);
      expect(out).not.toContain(OPERATOR_KEY);
    }
  });
});
