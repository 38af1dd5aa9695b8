import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { freePort } from "#cluster/system/free-port.ts";
import { until } from "#tests/harness/until.ts";
import type { Canary } from "./canaries.ts";
import { createEgressGate, type EgressGate, type GateLimits } from "./egress-gate.ts";

const HOST = "127.0.0.1";
const QUICK: GateLimits = { answerMs: 30, edgeMs: 200, pauseMs: 2, policyWithinMs: 150, edgeWithinMs: 150 };
const PATIENT = { ...QUICK, policyWithinMs: 20_000, edgeWithinMs: 20_000 };

const servers: Server[] = [];
const gates: EgressGate[] = [];
afterEach(() => {
  for (const gate of gates.splice(0)) gate.stop();
  for (const server of servers.splice(0)) server.close();
});

async function listenOn(port = 0): Promise<{ port: number; close(): void }> {
  const server = createServer((socket) => socket.destroy()).listen(port, HOST);
  servers.push(server);
  await new Promise((resolve) => server.once("listening", resolve));
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

function open(ports: { edge: number | undefined; canaries: number[] }, limits: GateLimits = PATIENT) {
  const seen = { opened: 0, givenUp: [] as string[] };
  const canaries: Canary[] = ports.canaries.map((port) => ({ name: "the API server", host: HOST, port }));
  const gate = createEgressGate({
    canaries,
    edge: () => (ports.edge === undefined ? undefined : { host: HOST, port: ports.edge }),
    onOpen: () => {
      seen.opened += 1;
    },
    onGivenUp: ({ code, words }) => seen.givenUp.push(`${code}: ${words}`),
    limits,
  });
  gates.push(gate);
  return { gate, seen };
}

test("without anything to wait for it is open from the beginning", () => {
  const gate = createEgressGate({ canaries: null, edge: () => undefined, onOpen: () => {}, onGivenUp: () => {} });
  expect(gate.reason()).toBeNull();
});

test("it opens once the canaries are refused and the edge answers", async () => {
  const edge = await listenOn();
  const { gate, seen } = open({ edge: edge.port, canaries: [await freePort(), await freePort()] });
  expect(gate.reason()?.words).toMatch(/not known to be in force/);
  await until("the gate to open", () => seen.opened === 1);
  expect(gate.reason()).toBeNull();
  expect(seen.givenUp).toEqual([]);
});

test("it stays shut while one of them answers, and says which; it opens when that one falls silent", async () => {
  const [edge, api] = [await listenOn(), await listenOn()];
  const { gate, seen } = open({ edge: edge.port, canaries: [await freePort(), api.port] });
  const words = `the network policy is not in force: the API server (${HOST}:${api.port}) can be reached`;
  await until("the reason", () => gate.reason()?.words === words);
  expect(seen.opened).toBe(0);
  api.close();
  await until("the gate to open", () => seen.opened === 1);
});

test("refused canaries alone prove nothing: a network that is not there yet refuses everything", async () => {
  const port = await freePort();
  const { gate, seen } = open({ edge: port, canaries: [await freePort()] });
  await until("the reason", () => gate.reason()?.words === `the edge (${HOST}:${port}) can't be reached`);
  expect(seen.opened).toBe(0);
  await listenOn(port);
  await until("the gate to open", () => seen.opened === 1);
});

test("it waits for the first box.json, which names the edge", async () => {
  const edge = await listenOn();
  const ports: { edge: number | undefined; canaries: number[] } = { edge: undefined, canaries: [await freePort()] };
  const { seen } = open(ports, QUICK);
  ports.edge = edge.port;
  await until("the gate to open", () => seen.opened === 1);
});

test.each([
  ["the policy never comes into force", true, /the API server .* can be reached, 0.15 s after the start$/],
  ["the edge never answers", false, /the edge .* can't be reached, 0.15 s after the start$/],
])("it gives up, once and with the reason, when %s", async (_, edgeAnswers, words) => {
  const listening = await listenOn();
  const free = await freePort();
  const ports = edgeAnswers
    ? { edge: listening.port, canaries: [listening.port] }
    : { edge: free, canaries: [await freePort()] };
  const { gate, seen } = open(ports, QUICK);
  await until("the gate to give up", () => seen.givenUp.length > 0);
  expect(seen.givenUp).toEqual([expect.stringMatching(words)]);
  expect(gate.reason()?.words).toMatch(/reached$/);
  expect(seen.opened).toBe(0);
});

test("stopped, it neither opens nor gives up", async () => {
  const edge = await listenOn();
  const { gate, seen } = open({ edge: edge.port, canaries: [await freePort()] });
  gate.stop();
  // Another gate with the same addresses has opened: the stopped one would have, too.
  const other = open({ edge: edge.port, canaries: [await freePort()] });
  await until("the other gate to open", () => other.seen.opened === 1);
  expect(seen).toEqual({ opened: 0, givenUp: [] });
});
