// Stands where OpenClaw is in the gateway image: a box's gateway that somebody has taken over before its first line.
// From its first moment on it tries everything that it is told of, again and again, and prints what came of it.
import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";

// Node itself needs 40 ms to get here, and a second on a busy machine; nobody's code runs before this line.
const born = performance.now();

/** @typedef {{ name: string, protocol: "tcp" | "udp" | "dns", host: string, port: number }} Target */

const { OPENCLAW_CONFIG_PATH = "" } = process.env;
/** @type {{ who: string, targets: Target[] }} */
const { who, targets } = JSON.parse(readFileSync(join(import.meta.dirname, "../../targets.json"), "utf8"));
const ANSWER_MS = 2_000;

/** On a busy machine this timer may be late, and the answers with it: those that are there are taken first. */
const late = (/** @type {() => void} */ end) => setTimeout(() => setImmediate(end), ANSWER_MS);

/** @param {Target} target @returns {Promise<boolean>} whether a connection came about */
const tryTcp = ({ host, port }) =>
  new Promise((resolve) => {
    let open = false;
    const socket = connect({ host, port });
    const end = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(open);
    };
    const timer = late(end);
    socket.on("connect", () => {
      open = true;
      socket.write(who, end);
    });
    socket.on("error", end);
  });

/** @param {Target} target @returns {Promise<boolean>} whether an answer came back */
const tryUdp = ({ host, port }) =>
  new Promise((resolve) => {
    const socket = createSocket("udp4");
    let answered = false;
    late(() => {
      socket.close();
      resolve(answered);
    });
    socket.once("message", () => {
      answered = true;
    });
    socket.on("error", () => {});
    socket.send(who, port, host, () => {});
  });

const age = () => Math.round(performance.now() - born);

/** @param {Target} target @returns {Promise<boolean>} whether the box's own resolver knows the name */
const tryDns = ({ host }) =>
  new Resolver({ timeout: ANSWER_MS, tries: 1 }).resolve4(host).then(
    () => true,
    () => false,
  );

const TRY = { tcp: tryTcp, udp: tryUdp, dns: tryDns };

async function round() {
  const at = age();
  const open = await Promise.all(
    targets.map(async (target) => ((await TRY[target.protocol](target)) ? [target.name] : [])),
  );
  console.log(JSON.stringify({ probe: { at_ms: at, open: open.flat() } }));
}

void round();
for (const ms of [20, 40, 60, 80, 100, 150, 250, 500, 1_000]) setTimeout(round, ms);
setInterval(round, 2_000);

// What the supervisor asks a gateway.
const { gateway } = JSON.parse(readFileSync(OPENCLAW_CONFIG_PATH, "utf8"));
createServer((_request, response) => response.end("{}")).listen(gateway.port, "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
