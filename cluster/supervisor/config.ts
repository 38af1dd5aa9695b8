import { join } from "node:path";
import { type Canary, readCanaries } from "./canaries.ts";
import type { CheckOptions } from "./telegram-check.ts";
import type { WarmUpWhen } from "./warm-up.ts";

/** What the supervisor reads from its environment. */
export interface Settings {
  /** Folder that holds `box.json`. */
  boxConfigDir: string;
  /** Writable volume: OpenClaw's state, its rendered configuration, the agent's workspace. */
  stateDir: string;
  /** Folder whose node_modules holds openclaw. */
  openclawDir: string;
  gatewayPort: number;
  healthPort: number;
  /** Where the health server listens. The gateway itself always listens on loopback only. */
  bindHost: string;
  warmUp: WarmUpWhen;
  /** The canaries that must be refused before the gateway starts; null: it starts at once. */
  canaries: Canary[] | null;
  /** How long a stop may take. Less than our own grace period, or the gateway would outlive us. */
  stopGraceMs: number;
  /** The file for the reason of our exit, if it exists (Kubernetes' termination log). */
  terminationLog: string;
  /** Another way to ask Telegram, for tests. */
  telegramCheck?: CheckOptions | undefined;
  /** The part of our environment that the gateway gets. */
  inherited: Record<string, string>;
}

/**
 * Passed on to the gateway; nothing else is. OpenClaw takes a variable named like a provider's key as a wish to
 * install that provider's plugin, so an unlisted name could cost minutes and pull unpinned code.
 */
const INHERITED = [
  "PATH",
  "LANG",
  "TZ",
  "TMPDIR",
  "NODE_OPTIONS",
  "NODE_COMPILE_CACHE",
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
] as const;

/** The values of WARM_UP; without one, see `WarmUpWhen`. */
const WARM_UP: Record<string, WarmUpWhen> = { "0": "never", "1": "always" };

type Environment = Record<string, string | undefined>;

/** Throws with all missing or invalid names; never with a value. */
export function readSettings(env: Environment = process.env): Settings {
  const problems: string[] = [];
  const folder = (name: string) => {
    if (!env[name]) problems.push(`${name} is missing`);
    return env[name] ?? "";
  };
  const port = (name: string, fallback: number) => {
    const value = env[name] ? Number(env[name]) : fallback;
    if (!Number.isInteger(value) || value < 0 || value > 65_535) problems.push(`${name} is not a port`);
    return value;
  };
  const seconds = (name: string, fallback: number) => {
    const value = env[name] ? Number(env[name]) : fallback;
    if (!(value >= 0 && value <= 600)) problems.push(`${name} is not a number of seconds up to 600`);
    return value;
  };
  const settings: Settings = {
    boxConfigDir: folder("BOX_CONFIG_DIR"),
    stateDir: folder("STATE_DIR"),
    openclawDir: folder("OPENCLAW_DIR"),
    gatewayPort: port("GATEWAY_PORT", 18_789),
    healthPort: port("HEALTH_PORT", 8_080),
    bindHost: env.BIND_HOST || "0.0.0.0",
    warmUp: WARM_UP[env.WARM_UP ?? ""] ?? "without-bot",
    canaries: readCanaries(env, problems),
    stopGraceMs: 1_000 * seconds("STOP_GRACE_SECONDS", 20),
    terminationLog: env.TERMINATION_LOG || "/dev/termination-log",
    inherited: Object.fromEntries(INHERITED.flatMap((name) => (env[name] ? [[name, env[name]]] : []))),
  };
  if (problems.length > 0) throw new Error(`the supervisor's environment: ${problems.join(", ")}`);
  return settings;
}

/** Where things are below the state folder. */
export function paths(stateDir: string) {
  return {
    config: join(stateDir, "config", "openclaw.json"),
    openclawState: join(stateDir, "openclaw"),
    log: join(stateDir, "openclaw", "gateway.log"),
    home: join(stateDir, "home"),
    workspace: join(stateDir, "workspace"),
    written: join(stateDir, "config", "written.json"),
    gatewayPid: join(stateDir, "config", "gateway.pid"),
  };
}
