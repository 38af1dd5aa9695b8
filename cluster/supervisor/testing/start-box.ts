import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "#cluster/system/free-port.ts";
import { readSettings, type Settings } from "../config.ts";
import type { Health } from "../health.ts";
import { type Supervisor, startSupervisor } from "../supervisor.ts";
import { fakeOpenClaw } from "./fake-openclaw.ts";

const running: Supervisor[] = [];

/** For `afterEach`. */
export async function stopBoxes(): Promise<void> {
  await Promise.all(running.splice(0).map((supervisor) => supervisor.stop()));
}

interface Facts {
  pid: number;
  argv: string[];
  cwd: string;
  env: Record<string, string>;
  config: { models: { providers: object } };
}

interface Start {
  /** Gets the folder of the box's configuration before the supervisor reads it. */
  prepare(configDir: string): void;
  env: Record<string, string | undefined>;
  canaries?: Settings["canaries"];
  telegramCheck?: Settings["telegramCheck"];
}

/** A whole supervisor over a fake OpenClaw, in folders of its own. */
export async function startBox({ prepare, env, canaries = null, ...more }: Start) {
  const dir = mkdtempSync(join(tmpdir(), "supervisor-"));
  const [configDir, stateDir] = [join(dir, "box"), join(dir, "state")];
  mkdirSync(configDir);
  prepare(configDir);
  const gatewayPort = await freePort();
  const settings = readSettings({
    BOX_CONFIG_DIR: configDir,
    STATE_DIR: stateDir,
    OPENCLAW_DIR: fakeOpenClaw(),
    GATEWAY_PORT: String(gatewayPort),
    BIND_HOST: "127.0.0.1",
    ...env,
  });
  const telegramCheck = { ask: async () => "accepted" as const };
  const supervisor = await startSupervisor({ ...settings, telegramCheck, ...more, healthPort: 0, canaries });
  running.push(supervisor);
  const gateway = (path: string) => fetch(`http://127.0.0.1:${gatewayPort}${path}`);
  return {
    supervisor,
    configDir,
    stateDir,
    gateway,
    /** What the gateway that runs was started with. */
    facts: async () => (await (await gateway("/facts")).json()) as Facts,
    health: async (path = "/readyz") => {
      const response = await fetch(`http://127.0.0.1:${supervisor.healthPort}${path}`);
      return { status: response.status, body: (await response.json()) as Health };
    },
  };
}
