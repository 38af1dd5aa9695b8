import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A folder like fetchOpenClaw's, with a small program in OpenClaw's place: it serves the probes, takes a turn through
 * the model that it is asked for, reloads its configuration file, asks its bot for messages and prints OpenClaw's lines
 * about both. A bot token with "broken" in it is a channel that fails, one with "slow" a channel whose bot's name is known after a second only. `GET /exit` ends it, `GET /facts` tells what it
 * was started with.
 */
export function fakeOpenClaw(version = "2026.9.6"): string {
  const dir = mkdtempSync(join(tmpdir(), "fake-openclaw-"));
  mkdirSync(join(dir, "node_modules/openclaw"), { recursive: true });
  writeFileSync(join(dir, "node_modules/openclaw/openclaw.mjs"), PROGRAM);
  writeFileSync(join(dir, "node_modules/openclaw/package.json"), JSON.stringify({ version }));
  return dir;
}

const PROGRAM = `
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
const read = () => JSON.parse(readFileSync(process.env.OPENCLAW_CONFIG_PATH, "utf8"));
let config = read();
const channel = () => config.channels.telegram;
const account = () => Object.entries(channel().accounts)[0] ?? ["none", { botToken: "" }];
const token = () => account()[1].botToken;
const failing = () => (channel().enabled && token().includes("broken") ? ["telegram"] : []);
const announce = () => {
  if (!channel().enabled) return;
  const line = "[telegram] [" + account()[0] + "] starting provider";
  if (token().includes("slow")) console.log(line);
  setTimeout(() => console.log(line + " (@fake)"), token().includes("slow") ? 1_000 : 0);
  fetch(channel().apiRoot + "/bot" + token() + "/getUpdates").catch(() => {});
};
const reread = () => {
  try { return read(); } catch { return config; }
};
setInterval(() => {
  const next = reread();
  const changed = ["accounts", "allowFrom"].filter((key) => JSON.stringify(next.channels.telegram[key]) !== JSON.stringify(channel()[key]));
  config = next;
  for (const key of changed) console.log("[reload] config change detected; evaluating reload (channels.telegram." + key + ")");
  if (changed.includes("accounts")) announce();
}, 20);
const turn = async (request, response) => {
  const provider = config.models.providers[request.headers["x-openclaw-model"].split("/")[0]];
  const answer = await fetch(provider.baseUrl + "/chat/completions", { method: "POST", body: "{}", headers: { authorization: "Bearer " + provider.apiKey } });
  const allowed = request.headers.authorization === "Bearer " + config.gateway.auth.token;
  response.writeHead(allowed && answer.ok ? 200 : 500).end(await answer.text());
};
createServer((request, response) => {
  if (request.url === "/exit") process.exit(3);
  if (request.url === "/v1/chat/completions") return turn(request, response);
  const body = { "/startupz": { ok: true }, "/readyz": { failing: failing() }, "/facts": { pid: process.pid, env: process.env, argv: process.argv.slice(2), cwd: process.cwd(), config } }[request.url];
  response.writeHead(request.url === "/readyz" && failing().length ? 503 : 200).end(JSON.stringify(body));
}).listen(config.gateway.port, "127.0.0.1", announce);
process.on("SIGTERM", () => process.exit(0));
`;
