import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { MailboxMessage } from "#schema/contracts/fleet.ts";
import { newId } from "#schema/domain/ids.ts";
import { until } from "#tests/harness/until.ts";
import { createLog } from "../../log.ts";
import { type FakeEdge, grantBox, startFakeEdge } from "../../testing/fake-edge.ts";
import { sampleBox } from "../../testing/sample-box.ts";
import { createEdgeClient } from "./edge-client.ts";
import { type Mailbox, type MailboxOptions, openMailbox } from "./mailbox.ts";

let edge: FakeEdge;
let stop: AbortController;
let mailbox: Mailbox | undefined;
const received: MailboxMessage[] = [];
const state = { capacity: 4, running: [{ job_id: newId(), fence: 3 }] };

beforeEach(async () => {
  edge = await startFakeEdge();
  stop = new AbortController();
  received.length = 0;
});
afterEach(async () => {
  stop.abort();
  await mailbox?.closed;
  await edge.close();
});

function open(more: Partial<MailboxOptions> = {}): Mailbox {
  mailbox = openMailbox({
    edgeUrl: edge.url,
    sign: edge.sign,
    edge: createEdgeClient({ edgeUrl: edge.url, sign: edge.sign }),
    handler: { message: (message) => void received.push(message), hello: () => state },
    log: createLog("silent"),
    signal: stop.signal,
    reconnect: { floorMs: 5, capMs: 20 },
    pollWaitS: 0,
    ...more,
  });
  return mailbox;
}

const hellos = () => edge.heard.map((text) => JSON.parse(text));
const connections = (count: number) => until(`connection ${count}`, () => hellos().length >= count);

describe("by socket", () => {
  it("says what it runs and can take, and hands on grants and aborts", async () => {
    open();
    await connections(1);
    expect(hellos()).toEqual([{ type: "hello", ...state }]);
    const grant = grantBox(edge, sampleBox());
    edge.send({ type: "grant", grant });
    edge.send({ type: "abort", job_id: grant.job_id });
    await until("both messages", () => received.length === 2);
    expect(received).toEqual([
      { type: "grant", grant },
      { type: "abort", job_id: grant.job_id },
    ]);
  });

  it("survives what it does not know", async () => {
    open();
    await connections(1);
    for (const text of ["{", "null", '{"type":"grant"}', '{"type":"later"}']) edge.sockets[0]?.send(text);
    edge.send({ type: "abort", job_id: newId() });
    await until("the message behind them", () => received.length === 1);
    expect(edge.sockets.length).toBe(1);
  });

  it("comes back with its running set when the socket ends", async () => {
    open();
    await connections(1);
    edge.sockets[0]?.terminate();
    await connections(2);
    expect(hellos()[1]).toEqual({ type: "hello", ...state });
  });

  it("leaves a socket that answers no ping", async () => {
    edge.deaf = true;
    open({ pingEveryMs: 20 });
    await connections(2);
    expect(edge.sockets[0]?.readyState).not.toBe(1);
  });

  it("keeps a socket that answers pings", async () => {
    let pongs = 0;
    open({ pingEveryMs: 10 });
    await connections(1);
    edge.sockets[0]?.on("message", (data) => void (String(data) === "ping" && pongs++));
    await until("five answered pings", () => pongs >= 5);
    expect(edge.sockets.length).toBe(1);
  });

  it("says hello again when asked", async () => {
    const opened = open();
    await connections(1);
    opened.announce();
    await connections(2);
    expect(edge.sockets.length).toBe(1);
  });
});

describe("by polls", () => {
  it("goes on without a socket, and returns to one when it can be had", async () => {
    edge.refuseSockets = true;
    const grant = grantBox(edge, sampleBox());
    const messages = [{ type: "grant", grant }];
    edge.answer = ({ path }) =>
      path === "/fleet/poll" && received.length === 0 ? { status: 200, body: { messages } } : undefined;
    open({ pollForMs: 100 });
    await until("the grant", () => received.length === 1);
    expect(edge.callsOf("/poll")[0]?.body).toEqual({ ...state, wait: 0 });
    edge.refuseSockets = false;
    await connections(1);
    expect(received).toEqual(messages);
  });

  it("is no tight loop where the edge answers at once", async () => {
    edge.refuseSockets = true;
    open({ reconnect: { floorMs: 50, capMs: 60 }, pollForMs: 400 });
    await until("a second round of polls", () => edge.callsOf("/poll").length > 3);
    const since = performance.now();
    const before = edge.calls.length;
    await until("four more polls", () => edge.calls.length >= before + 4);
    expect(performance.now() - since).toBeGreaterThan(120);
  });
});

it("ends when told to, also while the edge is gone", async () => {
  const opened = open();
  await connections(1);
  await edge.close();
  stop.abort();
  await expect(opened.closed).resolves.toBeUndefined();
});
