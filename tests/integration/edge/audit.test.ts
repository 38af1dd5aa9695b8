/** Who did what, as operators read it. */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AuditEntry, AuditList } from "#schema/contracts/audit.ts";
import { OPERATOR_SCOPES } from "#schema/domain/operator-scopes.ts";
import { Operator } from "#tests/harness/operator.ts";
import { type EdgeTest, startEdgeTest } from "./edge-test.ts";

const KEYS = { reader: "oc_ops_reader", all: "oc_ops_all" };
const keyOf = (name: keyof typeof KEYS, scopes: readonly string[]) => ({
  name,
  sha256: createHash("sha256").update(KEYS[name]).digest("hex"),
  scopes,
});

let edge: EdgeTest;
let id: string;
beforeAll(async () => {
  const INTERNAL_KEYS = JSON.stringify([keyOf("all", OPERATOR_SCOPES), keyOf("reader", ["boxes:read"])]);
  edge = await startEdgeTest({ vars: { INTERNAL_KEYS }, operatorKey: KEYS.all });
  id = await edge.liveBox();
  await edge.liveBox();
  await edge.carryOut((await edge.operator.change("suspend", id)).job.id);
});
afterAll(() => edge.close());

async function list(query: string): Promise<AuditList> {
  const response = await edge.operator.send("GET", `/internal/audit${query}`);
  return AuditList.parse(await response.json());
}
const actions = (entries: readonly AuditEntry[]) => entries.map(({ action }) => action);

test("a box's history has its jobs in it, newest first, with who asked", async () => {
  const { entries } = await list(`?box_id=${id}`);
  expect(actions(entries)).toEqual(["job.succeeded", "box.suspend", "job.succeeded", "box.provision"]);
  expect(entries.map(({ actor }) => actor)).toEqual(["agent:local", "operator:all", "agent:local", "operator:all"]);
  expect(entries[1]).toMatchObject({ subject: id, request_id: expect.any(String) });
});

test("is narrowed by who, what and to what", async () => {
  expect(actions((await list("?actor=operator:all&action=box.suspend")).entries)).toEqual(["box.suspend"]);
  expect(actions((await list(`?subject=${id}`)).entries)).toEqual(["box.suspend", "box.provision"]);
  expect((await list("?actor=nobody")).entries).toEqual([]);
});

test("pages without gaps", async () => {
  await edge.query(
    "insert into audit_log (at, actor, action, subject) select now(), 'system', 'x', 's' || n from generate_series(1, 120) n",
  );
  const seen: string[] = [];
  let query = "?action=x";
  for (;;) {
    const { entries, next_cursor } = await list(query);
    seen.push(...entries.map(({ subject }) => subject));
    if (next_cursor === null) break;
    query = `?action=x&cursor=${next_cursor}`;
  }
  expect(seen).toEqual(Array.from({ length: 120 }, (_, n) => `s${120 - n}`));
});

test("needs its own scope", async () => {
  const refused = await new Operator(edge.stack.url, KEYS.reader).problem("GET", "/internal/audit");
  expect(refused).toMatchObject({ status: 403, detail: expect.stringContaining("audit:read") });
});
