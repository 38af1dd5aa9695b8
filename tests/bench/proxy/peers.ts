/**
 * The gateways that the proxy is measured against, installed into the cache and never into the project. They run as
 * their makers say for production, on the loopback alone, and without keys, budgets or limits.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "#cluster/system/free-port.ts";
import { npmPackage, pythonPackages } from "#tests/harness/installed.ts";
import type { Candidate } from "./candidate.ts";
import { startProgram } from "./child.ts";

/** Never LiteLLM 1.82.7 or 1.82.8: those two releases were tampered with. */
const VERSIONS = { litellm: "1.102.4", portkey: "1.15.2", tensorzero: "2026.6.0" } as const;

/** The mock asks for no key; the gateways want one to send. */
const KEY = "sk-mock";

export async function startLiteLlm(upstream: string, folder: string): Promise<Candidate> {
  const venv = await pythonPackages(`bench-peers/litellm-${VERSIONS.litellm}`, [`litellm[proxy]==${VERSIONS.litellm}`]);
  const config = join(folder, "litellm.yaml");
  const model = {
    model_name: "mock",
    litellm_params: { model: "openai/mock", api_base: `${upstream}/v1`, api_key: KEY },
  };
  // JSON is YAML too.
  await writeFile(config, JSON.stringify({ model_list: [model], litellm_settings: { telemetry: false } }));
  const port = String(await freePort());
  const url = `http://127.0.0.1:${port}`;
  const args = [
    "--config",
    config,
    "--host",
    "127.0.0.1",
    "--port",
    port,
    "--num_workers",
    "1",
    "--telemetry",
    "False",
  ];
  const env = { LITELLM_LOCAL_MODEL_COST_MAP: "True", LITELLM_MODE: "PRODUCTION", LITELLM_LOG: "ERROR" };
  const program = await startProgram([join(venv, "bin/litellm"), ...args], env, join(folder, "litellm.log"), () =>
    answers(`${url}/health/liveliness`),
  );
  return {
    ...program,
    url: `${url}/v1/chat/completions`,
    headers: [{ authorization: `Bearer ${KEY}` }],
    model: "mock",
  };
}

/** It listens on every interface; this, loaded before it, makes that the loopback. */
const LOOPBACK_ONLY = `import { Server } from "node:net";
const listen = Server.prototype.listen;
Server.prototype.listen = function (port, ...rest) {
  const done = rest.filter((one) => typeof one === "function");
  return listen.call(this, { ...(typeof port === "object" ? port : { port: Number(port) }), host: "127.0.0.1" }, ...done);
};`;

export async function startPortkey(upstream: string, folder: string): Promise<Candidate> {
  const installed = await npmPackage(`bench-peers/portkey-${VERSIONS.portkey}`, {
    dependencies: { "@portkey-ai/gateway": VERSIONS.portkey },
    // Its streams break with newer ones.
    overrides: { "@hono/node-server": "1.13.5" },
  });
  const preload = `data:text/javascript,${encodeURIComponent(LOOPBACK_ONLY)}`;
  const server = join(installed, "node_modules/@portkey-ai/gateway/build/start-server.js");
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const program = await startProgram(
    [process.execPath, "--import", preload, server, "--headless", `--port=${port}`],
    { NODE_ENV: "production" },
    join(folder, "portkey.log"),
    () => answers(url),
  );
  const headers = {
    authorization: `Bearer ${KEY}`,
    "x-portkey-provider": "openai",
    "x-portkey-custom-host": `${upstream}/v1`,
  };
  return { ...program, url: `${url}/v1/chat/completions`, headers: [headers], model: "mock" };
}

/** The gateway inside the wheel; it picks its port itself. */
const GATEWAY = `import sys, threading, tensorzero.tensorzero as tensorzero
gateway = tensorzero._start_http_gateway(
    config_file=sys.argv[1], clickhouse_url=None, postgres_url=None, valkey_url=None, async_setup=False)
with open(sys.argv[2], "w") as file:
    file.write(gateway.base_url)
threading.Event().wait()`;

export async function startTensorZero(upstream: string, folder: string): Promise<Candidate> {
  const version = VERSIONS.tensorzero;
  const venv = await pythonPackages(`bench-peers/tensorzero-${version}`, [`tensorzero==${version}`]);
  const config = join(folder, "tensorzero.toml");
  const urlFile = join(folder, "tensorzero.url");
  const provider = `type = "openai"\nmodel_name = "mock"\napi_base = "${upstream}/v1/"\napi_key_location = "none"`;
  await writeFile(
    config,
    `[gateway]\nobservability.enabled = false\n[models.mock]\nrouting = ["mock"]\n[models.mock.providers.mock]\n${provider}\n`,
  );
  let url = "";
  const program = await startProgram(
    [join(venv, "bin/python"), "-c", GATEWAY, config, urlFile],
    {},
    join(folder, "tensorzero.log"),
    async () => {
      url = await readFile(urlFile, "utf8");
      return url !== "";
    },
  );
  return { ...program, url: `${url}/chat/completions`, headers: [{}], model: "tensorzero::model_name::mock" };
}

const answers = async (url: string): Promise<boolean> => (await fetch(url)).ok;
