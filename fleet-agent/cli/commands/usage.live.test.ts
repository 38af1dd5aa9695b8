import { afterEach, beforeEach, expect, it } from "vitest";
import { type FakeOperatorEdge, startFakeOperatorEdge } from "../../testing/fake-operator-edge.ts";
import { fakeTerminal } from "../../testing/fake-terminal.ts";
import { sampleAnsweredBox } from "../../testing/sample-answers.ts";
import { runCommandLine } from "./run-command-line.ts";
import { period } from "./usage.ts";

const box = sampleAnsweredBox();
const counts = { requests: 3, estimated_requests: 0, input_tokens: 100, cached_input_tokens: 40, output_tokens: 20 };
const row = { customer_id: box.customer_id, day: null, model: null, ...counts, total_tokens: 120 };
const days = { from: "2026-11-01", to: "2026-12-01" };
let edge: FakeOperatorEdge;
beforeEach(async () => {
  edge = await startFakeOperatorEdge();
  edge.routes[`GET /internal/boxes/${box.id}`] = () => ({ body: box });
});
afterEach(() => edge.close());

async function run(line: string) {
  const terminal = fakeTerminal(edge.env);
  const code = await runCommandLine(line.split(" "), terminal);
  return { code, out: terminal.out.join("\n"), err: terminal.err.join("\n") };
}

it("shows every page of a customer's use", async () => {
  edge.routes["GET /internal/usage"] = ({ query }) => ({
    body: { ...days, rows: [row], next_cursor: query.has("cursor") ? null : "_2026-11-02_m" },
  });
  const line = `usage --from ${days.from} --to ${days.to} --by customer model --box ${box.id}`;
  const { code, out } = await run(line);
  expect(code).toBe(0);
  expect(out.match(/ 3 +100 +40 +20 +120$/gm)).toHaveLength(2);
  const asked = edge.calls
    .filter(({ path }) => path === "/internal/usage")
    .map(({ query }) => Object.fromEntries(query));
  const first = { ...days, group_by: "customer,model", customer_id: box.customer_id };
  expect(asked).toEqual([first, { ...first, cursor: "_2026-11-02_m" }]);
  expect(JSON.parse((await run(`${line} --json`)).out)).toEqual([row, row]);
});

it("says when nothing was used", async () => {
  edge.routes["GET /internal/usage"] = () => ({ body: { ...days, rows: [], next_cursor: null } });
  expect((await run("usage --from 2026-11-01 --to 2026-12-01")).out).toContain("Nothing was used from 2026-11-01");
  expect(await run("usage --from yesterday")).toMatchObject({ code: 2, err: expect.stringContaining("must be a day") });
});

it("is this month's by default, today included", () => {
  expect(period({}, new Date("2026-11-30T23:59:59Z"))).toEqual({ from: "2026-11-01", to: "2026-12-01" });
  expect(period({ from: "2026-10-01" }, new Date("2026-11-03T00:00:00Z"))).toEqual({
    from: "2026-10-01",
    to: "2026-11-04",
  });
});
