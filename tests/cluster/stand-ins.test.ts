/**
 * README's set-up with a cluster: `npm start` with KUBECONFIG, GATEWAY_IMAGE and HOST. Every port on which the program
 * or a child of it listens is tried from a box, and from a pod that no policy holds back.
 */
import { randomInt } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { refuseTakenPorts } from "#cluster/local/ports.ts";
import { agentKubeconfig, egressGate, kubectl, podReady } from "#tests/harness/cluster.ts";
import { inPod } from "#tests/harness/in-pod.ts";
import { listeningPorts } from "#tests/harness/listening-ports.ts";
import { npmStart, type Started } from "#tests/harness/npm-start.ts";
import { Operator } from "#tests/harness/operator.ts";
import { until } from "#tests/harness/until.ts";

const { KUBECONFIG = "", GATEWAY_IMAGE = "", EDGE_HOST: HOST = "" } = process.env;
const UNBOUND = "cluster-suite-unbound";

let started: Started;
let box: string;
let edge: number;
let folder: string;

beforeAll(async () => {
  edge = await until("free ports in a row", async () => {
    // Not where the system takes ports from: those of whoever runs beside this.
    const PORT = randomInt(20_000, 30_000);
    return refuseTakenPorts({ HOST, PORT }, "none").then(
      () => PORT,
      () => undefined,
    );
  });
  folder = await mkdtemp(join(tmpdir(), "openclaw-cloud-stand-ins-"));
  // Where the fleet's admission policies are in force, boxes are made by the agent's own account alone (docs/06).
  const settings = {
    KUBECONFIG: await agentKubeconfig(KUBECONFIG, folder),
    GATEWAY_IMAGE,
    HOST,
    PORT: String(edge),
    EGRESS_GATE: await egressGate(),
  };
  started = await npmStart(settings);
  const operator = new Operator(started.edgeUrl, started.operatorKey);
  const [made] = await Promise.all([
    operator.provision({
      customer_email: "stand-ins@example.com",
      telegram_bot_token: started.botToken,
      telegram_user_id: 1_001,
      tier: "starter",
    }),
    startUnbound(),
  ]);
  box = made.box.namespace;
  await operator.succeeded(made.job.id, 240_000);
  await podReady(UNBOUND);
});

afterAll(async () => {
  await started?.close();
  await rm(folder, { recursive: true, force: true });
  await kubectl(["delete", "namespace", UNBOUND, ...(box ? [box] : []), "--ignore-not-found", "--wait=false"]);
});

/** A pod that reaches whatever this machine lets it. */
async function startUnbound(): Promise<void> {
  const container = { name: "node", image: GATEWAY_IMAGE, imagePullPolicy: "Never", command: ["sleep", "3600"] };
  const items = [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: UNBOUND } },
    { apiVersion: "v1", kind: "Pod", metadata: { name: "pod", namespace: UNBOUND }, spec: { containers: [container] } },
  ];
  await kubectl(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
}

const TRY = `
  const { connect } = require("node:net");
  const [host, ...ports] = process.argv.slice(1);
  const isOpen = (port) => new Promise((done) => {
    const socket = connect({ host, port }, () => done(true)).on("error", () => done(false));
    setTimeout(() => done(false) ?? socket.destroy(), 3000);
  });
  Promise.all(ports.map(async (port) => ((await isOpen(port)) ? [Number(port)] : [])))
    .then((open) => { console.log(JSON.stringify(open.flat())); process.exit(); });`;

/** Those of this machine's ports that the namespace's pod reaches. */
const openFrom = async (namespace: string, ports: number[]): Promise<number[]> =>
  JSON.parse(await inPod(namespace, `node -e '${TRY}' ${HOST} ${ports.join(" ")}`));

test("a box reaches the edge and the Bot API, and nothing else that npm start listens on; nor does any other pod", async () => {
  const ports = listeningPorts(started.pid);
  // The edge, eight stand-ins' and Miniflare's own.
  expect(ports.length).toBeGreaterThanOrEqual(10);
  expect(ports).toEqual(expect.arrayContaining([edge, edge + 1, edge + 2, edge + 3, edge + 4]));
  expect(await openFrom(box, ports)).toEqual([edge, edge + 1]);
  expect(await openFrom(UNBOUND, ports)).toEqual([edge, edge + 1]);
});

const ASK = `
  Promise.all(process.argv.slice(1).map(async (url) => (await fetch(url)).status))
    .then((statuses) => console.log(JSON.stringify(statuses)));`;

test("what a box reaches of Telegram is the Bot API, by a bot's token", async () => {
  const bots = `http://${HOST}:${edge + 1}`;
  const urls = [`${bots}/bot${started.botToken}/getMe`, `${bots}/bot1:x/getMe`, `${bots}/client/chats?user=1001`, bots];
  expect(JSON.parse(await inPod(box, `node -e '${ASK}' ${urls.map((url) => `"${url}"`).join(" ")}`))).toEqual([
    200, 404, 404, 404,
  ]);
});
