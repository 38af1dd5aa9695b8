import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { OperatorFile } from "#schema/contracts/operator-file.ts";
import { withoutSlash } from "#schema/domain/urls.ts";
import { ConfigError } from "../../config/config.ts";

/** The operator's edge and key. */
export interface OperatorSettings {
  /** Without a slash at its end. */
  edgeUrl: string;
  key: string;
  /** Where this was found, for messages. */
  source: string;
  /** Known only for a local run. */
  stateRoot?: string | undefined;
  kubeconfig?: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Written by `npm start`. */
const LOCAL_FILE = fileURLToPath(new URL("../../../.local/operator.json", import.meta.url));

/**
 * EDGE_URL with OPERATOR_KEY or OPERATOR_KEY_FILE; if none of them is set, the product that runs on this machine. Never a
 * mixture: one edge's key must not be sent to another. Throws `ConfigError`, which never holds a value.
 */
export function readOperatorSettings(env: Environment, localFile = LOCAL_FILE): OperatorSettings {
  const key = env.OPERATOR_KEY || readKeyFile(env.OPERATOR_KEY_FILE);
  if (env.EDGE_URL && key) return { edgeUrl: checkUrl(env.EDGE_URL), key, source: "EDGE_URL" };
  if (key) throw new ConfigError("EDGE_URL is missing: an operator's key is set, but not the edge that it is for.");
  if (env.EDGE_URL) {
    throw new ConfigError("OPERATOR_KEY is missing: set it, or OPERATOR_KEY_FILE, to a key for the edge in EDGE_URL.");
  }
  return fromFile(env.OPERATOR_FILE || localFile);
}

/** The local run, unless the environment names another edge; undefined if there is none. */
export function localProduct(env: Environment, localFile = LOCAL_FILE): OperatorSettings | undefined {
  if (env.EDGE_URL || env.OPERATOR_KEY || env.OPERATOR_KEY_FILE) return undefined;
  const file = env.OPERATOR_FILE || localFile;
  return existsSync(file) ? fromFile(file) : undefined;
}

/** What to tell when the edge refuses the key: where it was found, and what to do. */
export function refusedKey(env: Environment): string {
  if (!env.EDGE_URL) {
    const file = env.OPERATOR_FILE || LOCAL_FILE;
    return `The edge does not know the key in ${file}: \`npm start\` writes it anew, and has to run.`;
  }
  const source = env.OPERATOR_KEY ? "OPERATOR_KEY" : `OPERATOR_KEY_FILE (${env.OPERATOR_KEY_FILE})`;
  return `The edge at EDGE_URL does not know the key in ${source}: its SHA-256 must be in that edge's INTERNAL_KEYS.`;
}

function fromFile(file: string): OperatorSettings {
  const parsed = OperatorFile.safeParse(parseJson(readText(file)));
  if (!parsed.success) throw new ConfigError(`${file} is damaged: \`npm start\` writes it anew.`);
  const { edge_url, operator_key, state_root, kubeconfig } = parsed.data;
  return { edgeUrl: checkUrl(edge_url), key: operator_key, source: file, stateRoot: state_root, kubeconfig };
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new ConfigError(
      "Which edge? Set EDGE_URL and OPERATOR_KEY (or OPERATOR_KEY_FILE), or run `npm start` on this machine.",
    );
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readKeyFile(file: string | undefined): string | undefined {
  if (!file) return undefined;
  try {
    return readFileSync(file, "utf8").trim() || undefined;
  } catch {
    throw new ConfigError(`OPERATOR_KEY_FILE: ${file} can't be read`);
  }
}

/** Each request carries the key, so plain HTTP is allowed only within this machine. */
function checkUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "https:" && url?.protocol !== "http:") {
    throw new ConfigError("EDGE_URL must be an address that begins with https:// (or http:// for a local edge)");
  }
  if (url.username || url.password) throw new ConfigError("EDGE_URL must hold no password: keys go into OPERATOR_KEY");
  return withoutSlash(url.href);
}
