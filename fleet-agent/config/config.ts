import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { resolve } from "node:path";
import * as z from "zod";
import { text, webUrl } from "#schema/contracts/parts.ts";
import { withoutSlash } from "#schema/domain/urls.ts";
import { type ClusterSettings, Destination, DnsSelector, KUBE_DNS, TELEGRAM } from "./cluster-settings.ts";

/** An Ed25519 private key as a JWK, with the id under which the edge knows its public half. */
export const AgentKey = z.object({
  kty: z.literal("OKP"),
  crv: z.literal("Ed25519"),
  kid: z.string().min(1),
  x: z.string(),
  d: z.string(),
});
export type AgentKey = z.infer<typeof AgentKey>;

/** JSON as text. Messages never repeat it, because it may be a secret. */
const json = text(64 * 1024).transform((text, context) => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: "custom", message: "is not valid JSON" });
    return z.NEVER;
  }
});

const seconds = z.coerce.number().min(0).max(600);

const Common = z.object({
  EDGE_URL: webUrl.transform(withoutSlash),
  CLUSTER_ID: text(32).regex(/^[a-z0-9-]+$/, "must be 1 to 32 of a-z, 0-9 and -"),
  AGENT_KEY: json.pipe(AgentKey),
  CAPACITY: z.coerce.number().int().min(1).max(1_000).default(4),
  DRAIN_SECONDS: seconds.optional(),
  AGENT_INSTANCE: text(128)
    .regex(/^[\w.:-]+$/, "must be 1 to 128 letters, digits and . : _ -")
    .optional(),
  METRICS_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
});

/** Namespace and name as Kubernetes takes them. */
const LEASE = /^([a-z0-9-]{1,63})\/([a-z0-9.-]{1,253})$/;

const Kube = z.object({
  LEADER_LEASE: text(317).regex(LEASE, "must be namespace/name").optional(),
  GATEWAY_IMAGE: z.string(),
  IMAGE_PULL_POLICY: z.enum(["IfNotPresent", "Always", "Never"]).default("IfNotPresent"),
  STORAGE_CLASS: z.string().optional(),
  EDGE_CIDRS: json.pipe(z.array(Destination).min(1)),
  TELEGRAM_CIDRS: json.pipe(z.array(Destination)).default(TELEGRAM),
  DNS_SELECTOR: json.pipe(DnsSelector).default(KUBE_DNS),
  NAMESERVERS: text(160)
    .transform((text) => text.split(",").map((address) => address.trim()))
    .pipe(z.array(z.union([z.ipv4(), z.ipv6()])).max(3))
    .optional(),
  RUNTIME_CLASS: text(253)
    .regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, "must be the name of a RuntimeClass")
    .optional(),
  EGRESS_GATE: z.enum(["on", "off"]).default("on"),
});

const Local = z.object({ STATE_ROOT: z.string().default(".local/boxes") });

/** How a pod reaches its cluster: https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ */
export interface PodAccess {
  /** `https://10.43.0.1:443` */
  server: string;
  /** Where the service account's token and the cluster's certificate authority are mounted. */
  folder: string;
}

export interface Config {
  edgeUrl: string;
  clusterId: string;
  agentKey: AgentKey;
  /** Jobs that may run at once. */
  capacity: number;
  /** How long running jobs may continue after SIGTERM. */
  drainMs: number;
  logLevel: string;
  /** Names a place that has at most one agent process at a time: see `Hello` in schema/contracts/fleet.ts. */
  instance: string | undefined;
  /** Where metrics and probes are served, if anywhere. */
  metricsPort: number | undefined;
  /** The Lease for leader election, and this agent's identity in it. */
  election: { lease: { namespace: string; name: string }; identity: string; pod: PodAccess | undefined } | undefined;
  driver:
    | { kind: "kube"; settings: ClusterSettings; pod: PodAccess | undefined }
    | { kind: "local"; stateRoot: string; environment: Record<string, string> };
}

/** Names every missing or invalid variable, never its value. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the whole environment once; throws `ConfigError`. */
export function readConfig(env: Environment): Config {
  const given = withKeyFile(withoutEmpty(env));
  const kind = driverKind(given);
  const problems: string[] = [];
  const common = check(Common, given, problems);
  const driver = kind === "kube" ? kubeDriver(given, problems) : localDriver(given, problems);
  const election = kind === "kube" ? electionOf(given, problems) : undefined;
  if (!common || !driver || problems.length > 0) {
    throw new ConfigError(`The fleet-agent can't start:\n${problems.map((line) => `  ${line}`).join("\n")}`);
  }
  return {
    edgeUrl: common.EDGE_URL,
    clusterId: common.CLUSTER_ID,
    agentKey: common.AGENT_KEY,
    capacity: common.CAPACITY,
    // A pod has a minute to stop; at a terminal nobody wants to wait.
    drainMs: 1_000 * (common.DRAIN_SECONDS ?? (driver.kind === "kube" ? 50 : 3)),
    logLevel: common.LOG_LEVEL,
    instance: common.AGENT_INSTANCE ?? (driver.kind === "local" ? folderInstance(driver.stateRoot) : undefined),
    metricsPort: common.METRICS_PORT,
    election,
    driver,
  };
}

/** An invalid lease name is reported with the driver's other settings. */
function electionOf(env: Environment, problems: string[]): Config["election"] {
  const { LEADER_LEASE: lease, AGENT_INSTANCE: identity } = env;
  const [, namespace, name] = LEASE.exec(lease ?? "") ?? [];
  if (!namespace || !name) return undefined;
  if (identity) return { lease: { namespace, name }, identity, pod: podAccess(env) };
  problems.push("AGENT_INSTANCE: is missing, and LEADER_LEASE needs it to tell agents apart");
  return undefined;
}

/** The part of the environment that shapes Kubernetes objects; throws `ConfigError`. */
export function readClusterSettings(env: Environment): ClusterSettings {
  const problems: string[] = [];
  const driver = kubeDriver(withoutEmpty(env), problems);
  if (!driver) throw new ConfigError(problems.join("\n"));
  return driver.settings;
}

/** The agent's own key; throws `ConfigError`. */
export function readAgentKey(env: Environment): AgentKey {
  const problems: string[] = [];
  const read = check(Common.pick({ AGENT_KEY: true }), withKeyFile(withoutEmpty(env)), problems);
  if (!read) throw new ConfigError(problems.join("\n"));
  return read.AGENT_KEY;
}

function driverKind(env: Environment): "kube" | "local" {
  if (env.DRIVER === "kube" || env.DRIVER === "local") return env.DRIVER;
  if (env.DRIVER) throw new ConfigError("DRIVER: must be kube or local");
  return env.KUBECONFIG || env.KUBERNETES_SERVICE_HOST ? "kube" : "local";
}

function kubeDriver(env: Environment, problems: string[]) {
  const read = check(Kube, env, problems);
  if (!read) return undefined;
  const settings: ClusterSettings = {
    image: read.GATEWAY_IMAGE,
    imagePullPolicy: read.IMAGE_PULL_POLICY,
    storageClass: read.STORAGE_CLASS,
    edge: read.EDGE_CIDRS,
    telegram: read.TELEGRAM_CIDRS,
    dns: read.DNS_SELECTOR,
    nameservers: read.NAMESERVERS,
    runtimeClass: read.RUNTIME_CLASS,
    egressGate: read.EGRESS_GATE,
  };
  return { kind: "kube" as const, settings, pod: podAccess(env) };
}

/** The access that every pod has; KUBECONFIG takes precedence. */
export function podAccess(env: Environment): PodAccess | undefined {
  const { KUBECONFIG, KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = "443" } = env;
  if (KUBECONFIG || !host) return undefined;
  const folder = env.SERVICE_ACCOUNT_DIR ?? "/var/run/secrets/kubernetes.io/serviceaccount";
  return { server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`, folder };
}

/** What a box's process inherits: paths, proxies and certificates, but none of our keys. */
const INHERITED = [
  "PATH",
  "HOME",
  "LANG",
  "TMPDIR",
  "TZ",
  "WARM_UP",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
];

function localDriver(env: Environment, problems: string[]) {
  const read = check(Local, env, problems);
  if (!read) return undefined;
  const environment: Record<string, string> = {};
  for (const name of INHERITED) if (env[name] !== undefined) environment[name] = env[name];
  return { kind: "local" as const, stateRoot: resolve(read.STATE_ROOT), environment };
}

/** The local driver lets one process use a folder. */
const folderInstance = (stateRoot: string): string =>
  `folder-${createHash("sha256").update(`${hostname()} ${stateRoot}`).digest("hex").slice(0, 16)}`;

function check<S extends z.ZodType>(schema: S, value: unknown, problems: string[]): z.infer<S> | undefined {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const missing = issue.code === "invalid_type" && issue.message.includes("received undefined");
    problems.push(`${issue.path.join(".")}: ${missing ? "is missing" : issue.message}`);
  }
  return undefined;
}

/** An empty variable counts as absent. */
const withoutEmpty = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));

function withKeyFile(env: Environment): Environment {
  if (env.AGENT_KEY || !env.AGENT_KEY_FILE) return env;
  try {
    return { ...env, AGENT_KEY: readFileSync(env.AGENT_KEY_FILE, "utf8") };
  } catch {
    throw new ConfigError(`AGENT_KEY_FILE: ${env.AGENT_KEY_FILE} can't be read`);
  }
}
