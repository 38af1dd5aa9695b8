/** A fleet-agent as it is, but for its driver: it builds in the simulated world. Run as a process that can be killed. */

import { runAgent } from "#fleet-agent/agent/run-agent.ts";
import { readConfig } from "#fleet-agent/config/config.ts";
import { createLog } from "#fleet-agent/log.ts";
import { createRandom } from "./random.ts";
import { createWorldDriver } from "./world-driver.ts";

const [url = "", agent = "", seed = "0"] = process.argv.slice(2);
const config = readConfig(process.env);
const driver = createWorldDriver({ url, agent, random: createRandom(Number(seed)) });
const drain = new AbortController();
process.once("SIGTERM", () => drain.abort());
await runAgent({ config, driver, log: createLog(config.logLevel), drain: drain.signal });
