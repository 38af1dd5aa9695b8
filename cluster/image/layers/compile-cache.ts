/**
 * Node's compile cache for OpenClaw, baked into the image: without it every cold start compiles some thousand modules
 * (14 instead of 8 CPU-seconds). It is made by running the image's own layers once, with a Telegram that has nothing
 * to say, until the first turn is through. Entries belong to one Node, one user id and one path, so all three are the
 * image's own; heap flags don't matter.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePorts } from "#cluster/system/free-port.ts";
import { listen } from "#cluster/system/listen.ts";
import { type Layer, type LayerPlan, unpackLayers } from "../oci/layer.ts";
import { SUPERVISOR_MAIN } from "./own-programs.ts";
import { OPENCLAW_DIR } from "./programs.ts";

export const COMPILE_CACHE_DIR = "opt/compile-cache";

/** The user that boxes run as. */
export const USER_ID = 1_000;

const MAKE = "tmp/bake";

export function canBake(): boolean {
  return process.platform === "linux" && process.getuid?.() === 0;
}

export function compileCacheLayer(below: Layer[], onProgress: (line: string) => void): LayerPlan {
  return {
    name: "compile-cache",
    key: below.map((layer) => layer.diffId).join("\n"),
    async make(scratch) {
      const root = join(scratch, "root");
      mkdirSync(root);
      onProgress("baking the compile cache: unpacking the layers");
      await unpackLayers(below, root);
      onProgress("baking the compile cache: starting OpenClaw once");
      await startOnce(root);
      const made = join(scratch, "cache");
      cpSync(join(root, MAKE, "cache"), made, { recursive: true });
      makeReadable(made);
      return { dir: made, prefix: COMPILE_CACHE_DIR };
    },
  };
}

async function startOnce(root: string): Promise<void> {
  const bots = await silentTelegram();
  const make = join(root, MAKE);
  for (const folder of ["box", "state", "cache"]) mkdirSync(join(make, folder), { recursive: true });
  writeFileSync(join(make, "box/box.json"), JSON.stringify(exampleBox(bots.url)));
  for (const folder of ["", "box", "state", "cache"]) chmodSync(join(make, folder), 0o777);
  const [gatewayPort, healthPort] = await freePorts(2);
  const child = spawn("unshare", ["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", ENTER, "sh", root], {
    env: {
      PATH: "/usr/local/bin:/usr/bin:/usr/sbin",
      BOX_CONFIG_DIR: `/${MAKE}/box`,
      STATE_DIR: `/${MAKE}/state`,
      NODE_COMPILE_CACHE: `/${MAKE}/cache`,
      OPENCLAW_DIR: `/${OPENCLAW_DIR}`,
      GATEWAY_PORT: String(gatewayPort),
      HEALTH_PORT: String(healthPort),
      BIND_HOST: "127.0.0.1",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = collect(child.stdout, child.stderr);
  const closed = once(child, "close");
  try {
    await untilReady(`http://127.0.0.1:${healthPort}/readyz`, () => child.exitCode === null);
    // Node writes its cache when a process exits cleanly, as the supervisor does on SIGTERM, which the shell forwards.
    writeFileSync(join(make, "stop"), "");
    await closed;
  } catch (error) {
    child.kill("SIGKILL");
    throw new Error(`OpenClaw did not start inside the image: ${String(error)}\n${output()}`, { cause: error });
  } finally {
    bots.close();
  }
}

/** Runs as root in its own mount and process namespaces, to mount /dev and /proc; then as the image's user. */
const ENTER = `
set -e
mount --bind /dev "$1/dev"
mount -t proc proc "$1/proc"
chroot --userspec=${USER_ID}:${USER_ID} "$1" /usr/local/bin/node ${SUPERVISOR_MAIN} &
supervisor=$!
while kill -0 $supervisor 2>/dev/null && [ ! -e "$1/${MAKE}/stop" ]; do sleep 0.2; done
kill -TERM $supervisor
wait $supervisor
`;

function exampleBox(telegramUrl: string) {
  return {
    box_id: "00000000-0000-4000-8000-000000000000",
    generation: 0,
    language: "en",
    thinking_level: "off",
    system_prompt: null,
    model: { id: "example", name: "Example", context_window: 262_144, max_output_tokens: 32_768, images: true },
    proxy: { base_url: "http://127.0.0.1:9/v1", token: "example" },
    gateway_token: "example-gateway-token",
    telegram: { bot_token: `1:${"A".repeat(35)}`, allow_from: ["1"], api_root: telegramUrl },
  };
}

/** Just enough of the Bot API for a channel to start: a bot that never gets a message. */
async function silentTelegram() {
  const server = createServer((request, response) => {
    request.resume();
    const method = request.url?.split("/").at(-1)?.split("?")[0];
    const bot = { id: 1, is_bot: true, first_name: "Example", username: "example_bot" };
    const result = method === "getMe" ? bot : method === "getUpdates" ? [] : true;
    const answer = () => response.end(JSON.stringify({ ok: true, result }));
    response.setHeader("content-type", "application/json");
    if (method === "getUpdates") setTimeout(answer, 1_000);
    else answer();
  });
  const { url, close } = await listen(server, 0, "127.0.0.1");
  return { url, close };
}

async function untilReady(url: string, alive: () => boolean): Promise<void> {
  const deadline = Date.now() + 300_000;
  for (;;) {
    const ready = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return;
    if (!alive()) throw new Error("it ended");
    if (Date.now() > deadline) throw new Error("it was not ready within five minutes");
    await delay(250);
  }
}

function collect(...streams: NodeJS.ReadableStream[]): () => string {
  let text = "";
  for (const stream of streams) {
    stream.on("data", (chunk: Buffer) => {
      text = (text + chunk).slice(-4_000);
    });
  }
  return () => text;
}

function makeReadable(dir: string): void {
  for (const entry of readdirSync(dir, { withFileTypes: true, recursive: true })) {
    chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  }
  chmodSync(dir, 0o755);
}
