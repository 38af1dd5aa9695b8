/** `npm start`: the product on this machine, with everything it needs, until Ctrl-C. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { readLocalConfig } from "./config.ts";
import { fetchAhead } from "./fetch-ahead.ts";
import { surviveFullDisk } from "./full-disk.ts";
import { openLogFile, withTime } from "./log-file.ts";
import { writeOperatorFile } from "./operator-file.ts";
import { refuseTakenPorts } from "./ports.ts";
import { REPOSITORY } from "./repository.ts";
import { endOnSignals } from "./signals.ts";
import { buildSite } from "./site.ts";
import type { Stack } from "./stack.ts";
import { agentLine, welcome } from "./welcome.ts";

const envFile = resolve(REPOSITORY, ".env");
if (existsSync(envFile)) process.loadEnvFile(envFile);

async function main(): Promise<Stack> {
  const config = readLocalConfig(process.env);
  const dataDir = resolve(REPOSITORY, config.DATA_DIR);
  await refuseTakenPorts(config, join(dataDir, "postgres.lock"));
  console.log("Starting openclaw-cloud …");
  const siteBuilt = buildSite(config);
  // Wrangler and the database take seconds to load: after the first word, and while the site is built.
  const { startStack } = await import("./stack.ts");
  const logs = join(dataDir, "logs");
  const onEdgeLog = withTime(openLogFile(join(logs, "edge.log")));
  const stack = await startStack({ config, dataDir, siteBuilt, onEdgeLog });
  writeOperatorFile(dataDir, stack, config);
  keepAgentRunning(stack, join(logs, "agent.log"));
  console.log(welcome(stack, config));
  if (!config.KUBECONFIG) void fetchAhead((line) => console.log(line));
  return stack;
}

/** As a cluster would: whatever ends it, it comes back. */
function keepAgentRunning(stack: Stack, logFile: string): void {
  const log = openLogFile(logFile);
  const onLog = (line: string) => {
    log(line);
    const told = agentLine(line);
    if (told) console.log(told);
  };
  stack.startFleetAgent({}, onLog, ({ waitMs }) => {
    console.log(`  The fleet-agent has ended; it is started again in ${waitMs / 1_000} s. Its log: ${logFile}`);
    return true;
  });
}

surviveFullDisk();
const running = main().catch((error: Error) => {
  console.error(`openclaw-cloud can't start: ${error.message}`);
  process.exit(1);
});
endOnSignals(async () => {
  console.log("\nStopping …");
  await (await running).close();
});
