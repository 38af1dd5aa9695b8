/** All operations against all wrong callers. The table that it prints is what each of them is answered. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OPERATOR_SCOPES } from "#schema/domain/operator-scopes.ts";
import { statusOfAnnounced } from "#tests/harness/announced.ts";
import { type EdgeTest, startEdgeTest } from "./edge-test.ts";
import { ROWS, type Row } from "./security-rows.ts";
import { type Audience, furnishWorld, internalKeys, OPERATOR, WITHOUT_SCOPES, type World } from "./wrong-callers.ts";

/** Far above what any operation takes. */
const OVERSIZE = 64 * 1024 * 1024;
const ORDER = ["no key", "malformed", "forged", "expired", "another audience's", "without scope", "another owner's"];
const FORMS = ["malformed id", "unknown id", "unknown field", "unknown parameter", "other type", "oversize"];
const CALLERS = [...ORDER, ...FORMS];

let edge: EdgeTest;
let world: World;
const table: Record<string, Record<string, number>> = {};
beforeAll(async () => {
  const vars = { INTERNAL_KEYS: internalKeys(OPERATOR_SCOPES) };
  edge = await startEdgeTest({ vars, operatorKey: OPERATOR });
  world = await furnishWorld(edge);
});
afterAll(async () => {
  const cells = (name: string, row: Record<string, number>) =>
    [name.padEnd(58), ...CALLERS.map((caller) => String(row[caller] ?? "–").padEnd(caller.length))].join("  ");
  const head = ["".padEnd(58), ...CALLERS].join("  ");
  console.log([head, ...Object.entries(table).map(([name, row]) => cells(name, row))].join("\n"));
  await edge.close();
});

/** What of a good request is otherwise. */
interface Change {
  shown?: string | undefined;
  ids?: Record<string, string>;
  query?: string;
  body?: object;
  type?: string;
}

async function send(operation: string, { shown, ids, query, body, type }: Change): Promise<number> {
  const [method = "", path = ""] = operation.split(" ");
  const row = rowOf(operation);
  const there = { ...world.ids, ...ids };
  const at = path.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(there[name] ?? ""));
  const asked = [row.query, query].filter(Boolean).join("&");
  const sent = body ?? row.body;
  const response = await fetch(`${edge.stack.url}${at}${asked && `?${asked}`}`, {
    method,
    headers: {
      ...credential(row.audience, shown),
      ...(row.octets && { "x-part-sha256": "0".repeat(64) }),
      ...(method !== "GET" && {
        "content-type": type ?? (row.octets ? "application/octet-stream" : "application/json"),
      }),
    },
    ...(method !== "GET" && { body: row.octets ? "x".repeat(28) : JSON.stringify(sent ?? {}) }),
  });
  await response.body?.cancel();
  return response.status;
}

function credential(audience: Audience, shown: string | undefined): Record<string, string> {
  if (shown === undefined || shown === "") return {};
  return audience === "hook" ? { "upstash-signature": shown } : { authorization: `Bearer ${shown}` };
}

function rowOf(operation: string): Row {
  const row = ROWS[operation];
  if (!row) throw new Error(`${operation} has no row`);
  return row;
}

/** Callers that must be refused: a valid request by the wrong caller. */
async function strangers(operation: string, row: Row): Promise<Record<string, number>> {
  const { audience } = row;
  const answers: Record<string, number> = {};
  if (audience === "public") return answers;
  answers["no key"] = await send(operation, {});
  answers.malformed = await send(operation, { shown: "a b" });
  const forged = world.forged[audience];
  if (forged) answers.forged = await send(operation, { shown: await forged() });
  const expired = world.expired[audience];
  const ids = audience === "box" ? { order_id: world.endedOrderId } : {};
  if (expired) answers.expired = await send(operation, { shown: await expired(), ids });
  // A box's token is for models as well.
  const own = ["public", audience, ...(audience === "model" ? ["supervisor"] : [])];
  const others = Object.entries(world.good).filter(([other]) => !own.includes(other));
  for (const [, shown] of others) {
    const status = await send(operation, { shown: await shown() });
    // The worst of them is what the table shows.
    if (answers["another audience's"] === undefined || status !== 401) answers["another audience's"] = status;
  }
  if (audience === "operator" && !row.anyScope) {
    answers["without scope"] = await send(operation, { shown: WITHOUT_SCOPES });
  }
  const owner = row.ownOnly ? undefined : world.others[audience];
  if (owner) answers["another owner's"] = await send(operation, { shown: await owner() });
  return answers;
}

/** Valid callers with an invalid request. */
async function mistakes(operation: string, row: Row): Promise<Record<string, number>> {
  const { audience } = row;
  const [method = "", path = ""] = operation.split(" ");
  const shown = async () => ({ shown: await world.good[audience]() });
  const answers: Record<string, number> = {};
  if (audience === "model" || audience === "hook") return answers;
  const [name] = /(?<=\{)\w+(?=\})/.exec(path) ?? [];
  if (name) {
    answers["malformed id"] = await send(operation, { ...(await shown()), ids: { [name]: "NOT ONE" } });
    const unknown = name === "cluster_id" ? "nowhere" : randomUUID();
    answers["unknown id"] = await send(operation, { ...(await shown()), ids: { [name]: unknown } });
  }
  answers["unknown parameter"] = await send(operation, { ...(await shown()), query: "is_admin=true" });
  if (method === "GET") return answers;
  if (!row.octets) {
    answers["unknown field"] = await send(operation, { ...(await shown()), body: { ...row.body, is_admin: true } });
    answers["other type"] = await send(operation, { ...(await shown()), type: "application/x-www-form-urlencoded" });
  }
  const at = path.replaceAll(/\{(\w+)\}/g, (_, id) => world.ids[id] ?? "");
  const headers = { ...credential(audience, (await shown()).shown), "content-type": "application/json" };
  answers.oversize = (await statusOfAnnounced(`${edge.stack.url}${at}`, method, headers, OVERSIZE)) ?? 0;
  return answers;
}

/** The expected status of each, where it applies. */
function expected(operation: string, row: Row): Record<string, number> {
  const { audience } = row;
  const wrongly = { "no key": 401, malformed: 401, forged: 401, "another audience's": 401 };
  const asked = { "unknown parameter": 400 };
  const [method = "", path = ""] = operation.split(" ");
  const sent =
    method === "GET" ? {} : { oversize: 413, ...(!row.octets && { "unknown field": 400, "other type": 415 }) };
  const named = path.includes("{");
  switch (audience) {
    case "public":
      return asked;
    case "operator":
      return {
        ...wrongly,
        ...(!row.anyScope && { "without scope": 403 }),
        ...asked,
        ...sent,
        ...(named && { "malformed id": 400, "unknown id": 404 }),
      };
    case "agent":
      return {
        ...wrongly,
        expired: 401,
        ...(!row.ownOnly && { "another owner's": 404 }),
        ...asked,
        ...sent,
        ...(named && { "malformed id": 400, "unknown id": 404 }),
      };
    // A token is for one order: at any other, real or not, it is no token at all. Its job's end is the order's.
    case "box":
      return {
        ...wrongly,
        expired: 409,
        "another owner's": 401,
        ...asked,
        ...sent,
        "malformed id": 401,
        "unknown id": 401,
      };
    case "supervisor":
      return { ...wrongly, expired: 401, ...asked, ...sent };
    case "model":
    case "hook":
      return { ...wrongly, expired: row.unserved ? 404 : 401 };
    default:
      return audience satisfies never;
  }
}

test("every operation of /openapi.json has its row, and every row its operation", async () => {
  const document = (await (await fetch(`${edge.stack.url}/openapi.json`)).json()) as { paths: Record<string, object> };
  const documented = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(documented.sort()).toEqual(Object.keys(ROWS).sort());
});

test("a body that is announced and never comes is a 408, wherever one is taken", async () => {
  const taking = Object.entries(ROWS).filter(([, { audience, body }]) => body && audience !== "model");
  const asked = [...taking, ["POST /hooks/qstash/jobs", rowOf("POST /hooks/qstash/jobs")] as const];
  const statuses = asked.map(async ([operation, { audience }]) => {
    const [method = "", path = ""] = operation.split(" ");
    const at = path.replaceAll(/\{(\w+)\}/g, (_, name) => world.ids[name] ?? "");
    const headers = { ...credential(audience, await world.good[audience]()), "content-type": "application/json" };
    return [operation, await statusOfAnnounced(`${edge.stack.url}${at}`, method, headers, 100)];
  });
  expect(await Promise.all(statuses)).toEqual(asked.map(([operation]) => [operation, 408]));
});

describe("wrong callers", () => {
  test.each(Object.keys(ROWS))("%s", async (operation) => {
    const row = rowOf(operation);
    const answers = { ...(await strangers(operation, row)), ...(await mistakes(operation, row)) };
    table[operation] = answers;
    expect(answers).toEqual(expected(operation, row));
  });
});
