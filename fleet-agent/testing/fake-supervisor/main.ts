/**
 * Stands in for the supervisor of a box: the same environment, the same health server, no OpenClaw. What it does is
 * said in the configuration's system prompt: `crash` ends it at once, `give up` too, with a reason, `never` keeps it
 * unready, and `stay` lets it ignore the request to end.
 */
import { spawn } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { env } from "node:process";

const read = () => JSON.parse(readFileSync(`${env.BOX_CONFIG_DIR}/box.json`, "utf8"));
const { system_prompt } = read();
appendFileSync(`${env.STATE_DIR}/starts`, `${process.pid}\n`);
writeFileSync(`${env.STATE_DIR}/environment.json`, JSON.stringify(env));
if (system_prompt === "crash") process.exit(3);
if (system_prompt === "give up") {
  writeFileSync(String(env.TERMINATION_LOG), "the gateway keeps exiting", { flag: "r+" });
  process.exit(1);
}

// A gateway that would outlive a supervisor that is killed.
const gateway = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
writeFileSync(`${env.STATE_DIR}/gateway.pid`, String(gateway.pid));

const server = createServer((_request, response) => {
  const { system_prompt: prompt, generation } = read();
  const ok = prompt !== "never";
  response.statusCode = ok ? 200 : 503;
  response.end(JSON.stringify({ ok, reason: ok ? null : "not yet", generation }));
});
server.listen(Number(env.HEALTH_PORT), env.BIND_HOST);
process.on("SIGTERM", () => {
  if (read().system_prompt !== "stay") process.exit(0);
});
