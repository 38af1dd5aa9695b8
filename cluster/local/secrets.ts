import { randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { exportJWK, generateKeyPair } from "jose";
import * as z from "zod";
import { readIfThere, writeAtomically } from "#cluster/system/atomic-file.ts";
import type { AgentKey } from "#schema/db/clusters.ts";

/** The secrets of a deployment, generated once for this machine. All values are text except the agent's key. */
export type LocalSecrets = Awaited<ReturnType<typeof makeSecrets>>;

/**
 * Reads the file, or makes it (mode 600) on the first start. Without a file: new secrets each time.
 * @throws Error that says what to do, where the file is damaged, or missing beside data that needs its keys
 */
export async function localSecrets(file?: string): Promise<LocalSecrets> {
  if (!file) return makeSecrets();
  const text = readIfThere(file);
  if (text === null) refuseNewKeys(file);
  const known = text === null ? {} : parseSecrets(file, text);
  const made = await makeSecrets();
  // An older version's folder lacks newer secrets.
  const secrets = { ...made, ...known };
  if (Object.keys(made).some((name) => !(name in known))) writeAtomically(file, JSON.stringify(secrets, null, 2));
  return secrets;
}

/** What was stored with keys of the file, or refers to them. */
const NEEDS_KEYS = ["postgres", "edge", "s3"];

/** With new keys every box would get 401, and nothing that is encrypted could be read. */
function refuseNewKeys(file: string): void {
  const folder = dirname(file);
  if (!NEEDS_KEYS.some((name) => isFilled(join(folder, name)))) return;
  throw new Error(`${file} is missing, but what is stored beside it needs its keys. ${whatToDo(file)}`);
}

const isFilled = (folder: string): boolean => existsSync(folder) && readdirSync(folder).length > 0;

/** All versions have had the keys that are named here. */
const Known = z
  .looseObject({ operatorKey: z.string(), kek: z.string(), tokenKey: z.string() })
  .refine((secrets) => Object.values(secrets).every(Boolean));

/** Only this program writes the file. A parser's own error message would quote from it. */
function parseSecrets(file: string, text: string): Partial<LocalSecrets> {
  try {
    return Known.parse(JSON.parse(text)) as Partial<LocalSecrets>;
  } catch {
    throw new Error(`${file} is damaged, and what is stored beside it needs its keys. ${whatToDo(file)}`);
  }
}

const whatToDo = (file: string): string =>
  `Put the file back from a copy, or start afresh without that data: delete ${dirname(file)}`;

/** The public half, as the `clusters` table holds it. */
export const publicHalf = ({ kid, kty, crv, x }: AgentKey): AgentKey => ({ kid, kty, crv, x });

async function makeSecrets() {
  const random = (prefix: string) => prefix + randomBytes(24).toString("base64url");
  const key = () => randomBytes(32).toString("base64");
  return {
    operatorKey: random("oc_ops_"),
    kek: key(),
    tokenKey: key(),
    /** The built-in Neon's connection string: role, password and database. */
    databaseUrl: `${random("postgresql://local:")}@local.invalid/openclaw_cloud`,
    redisToken: random(""),
    qstashToken: random(""),
    qstashCurrentKey: random("sig_"),
    qstashNextKey: random("sig_"),
    modelKey: random("sk-local-"),
    mailKey: random("re_local_"),
    s3KeyId: random("AKLOCAL"),
    s3Secret: random(""),
    agentKey: await makeAgentKey(),
  };
}

/** An Ed25519 private key, a JWK with `kid`. */
async function makeAgentKey(): Promise<AgentKey & { d: string }> {
  const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const { x, d } = await exportJWK(privateKey);
  if (!x || !d) throw new Error("an Ed25519 key has x and d");
  return { kid: randomBytes(8).toString("hex"), kty: "OKP", crv: "Ed25519", x, d };
}
