/** `npm start`: the product on this machine, with everything it needs, until Ctrl-C. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fetchOpenClaw } from "#cluster/image/openclaw/fetch.ts";
import { readLocalConfig } from "./config.ts";
import { REPOSITORY } from "./repository.ts";
import { type Stack, startStack } from "./stack.ts";
import { agentLine, welcome } from "./welcome.ts";

const envFile = resolve(REPOSITORY, ".env");
if (existsSync(envFile)) process.loadEnvFile(envFile);

async function main(): Promise<Stack> {
  const config = readLocalConfig(process.env);
  console.log("Starting openclaw-cloud …");
  const stack = await startStack({ config, dataDir: resolve(REPOSITORY, config.DATA_DIR) });
  stack.startFleetAgent({}, (line) => {
    const told = agentLine(line);
    if (told) console.log(told);
  });
  console.log(welcome(stack, config));
  // In the background, so that the first agent need not wait for it.
  if (!config.KUBECONFIG) {
    await fetchOpenClaw({ onProgress: (line) => console.log(`  ${line}`) }).catch((error: Error) =>
      console.error(error.message),
    );
  }
  return stack;
}

let stopping = false;
const running = main().catch((error: Error) => {
  console.error(`openclaw-cloud can't start: ${error.message}`);
  process.exit(1);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    if (stopping) process.exit(1);
    stopping = true;
    console.log("\nStopping …");
    void running.then((stack) => stack.close()).then(() => process.exit(0));
  });
}
