/** Whether `/openapi.json` is true: Schemathesis makes requests that fit it, and that don't, and holds the answers against it. */
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { childEnvironment } from "#cluster/local/config.ts";
import type { Grant } from "#schema/contracts/fleet.ts";
import { Rollout } from "#schema/contracts/rollouts.ts";
import { CreatedToken } from "#schema/contracts/tokens.ts";
import { pythonPackages } from "#tests/harness/installed.ts";
import { type EdgeTest, startEdgeTest } from "#tests/integration/edge/edge-test.ts";

const SECONDS = 60;
const HEARTBEAT_MS = 10_000;
const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url).href);

let edge: EdgeTest;
let beating: NodeJS.Timeout;
beforeAll(async () => {
  edge = await startEdgeTest();
});
afterAll(async () => {
  clearInterval(beating);
  await edge.close();
});

/** A bit of everything, so that what is asked for is there. */
async function furnish(): Promise<object> {
  const [box, ...others] = [await edge.liveBox(), await edge.liveBox({ tier: "pro" }), await edge.liveBox()];
  const { backup, job } = await edge.operator.backUp(box ?? "");
  const grant = await edge.grantOf(job.id);
  beating = setInterval(() => void heartbeat(grant), HEARTBEAT_MS);
  const { order } = await edge.agent.desired(grant);
  const image = `registry.example/gateway@sha256:${"0".repeat(64)}`;
  await edge.operator.send("POST", "/internal/images", { reference: image, openclaw_version: "2026.9.6" });
  const { customer_id } = await edge.operator.box(box ?? "");
  const made = await edge.operator.send("POST", "/internal/tokens", { customer_id, label: "known" });
  const { token, value } = CreatedToken.parse(await made.json());
  const started = await edge.operator.send("POST", "/internal/rollouts", { image });
  const rollout = Rollout.parse(await started.json());
  const bot = (i: number) =>
    edge.stack.services.telegram.createBot({ username: `made${i}_bot`, name: `Made ${i}` }).token;
  await edge.query("insert into clusters (id, agent_keys) values ('spare', '[]')");
  return {
    spare_cluster: "spare",
    operator_key: edge.stack.secrets.operatorKey,
    agent: { cluster: "local", audience: edge.stack.url, key: edge.stack.secrets.agentKey },
    transfer_token: order?.token,
    bots: Array.from({ length: 50 }, (_, i) => bot(i)),
    image,
    token: value,
    ids: {
      box_id: others,
      backup_id: [backup.id],
      job_id: [job.id],
      order_id: [order?.order_id],
      token_id: [token.id],
      rollout_id: [rollout.id],
      cluster_id: ["local"],
    },
  };
}

const heartbeat = ({ job_id, fence }: Grant) => edge.agent.send("POST", `/fleet/jobs/${job_id}/heartbeat`, { fence });

test("nothing that Schemathesis makes up finds an answer that the document does not have", async () => {
  const packages = (await readFile(here("requirements.txt"), "utf8")).split("\n").filter(Boolean);
  const python = await pythonPackages(`schemathesis-${packages.join("-").replaceAll(/[^a-z0-9.-]/g, "-")}`, packages);
  const seed = process.env.SCHEMATHESIS_SEED ?? String(randomInt(2 ** 31));
  console.log(`SCHEMATHESIS_SEED=${seed} makes the same requests again`);
  const known = JSON.stringify(await furnish());
  const options = [
    ...["--config-file", here("schemathesis.toml")],
    ...["run", `${edge.stack.url}/openapi.json`, "--checks", "all", "--seed", seed, "--max-time", String(SECONDS)],
    // What vendors' clients say is tested with these; and a WebSocket's handshake is not for it to make.
    ...["--exclude-path-regex", "^/(v1|coding|hooks|fleet/mailbox)"],
    ...["--continue-on-failure", "--max-examples", "10", "--request-timeout", "30", "--no-color"],
    ...["--generation-database", "none"],
  ];
  const hooks = { PYTHONPATH: here("."), PYTHONDONTWRITEBYTECODE: "1", SCHEMATHESIS_HOOKS: "hooks" };
  const env = { ...childEnvironment(), ...hooks, KNOWN: known };
  const cwd = await mkdtemp(join(tmpdir(), "openclaw-cloud-schemathesis-"));
  const child = spawn(join(python, "bin/schemathesis"), options, { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => said.push(String(data)));
  const code = await new Promise((resolve) => child.on("close", resolve));
  await rm(cwd, { recursive: true, force: true });
  const report = said.join("");
  const faults = edge.logs.filter((line) => line.includes('"level":"error"')).slice(0, 20);
  expect(code, [report, ...faults].join("\n")).toBe(0);
  console.log(report.slice(report.indexOf("= SUMMARY =")));
}, 240_000);
