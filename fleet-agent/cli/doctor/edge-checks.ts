import * as z from "zod";
import { EdgeError } from "#cluster/system/call-edge.ts";
import { ClusterComparison } from "#schema/contracts/clusters.ts";
import { Fleet, OperatorKey } from "#schema/contracts/fleet-status.ts";
import { OPERATOR_SCOPES } from "#schema/domain/operator-scopes.ts";
import { adviceOn } from "#schema/domain/reasons/catalogue.ts";
import { SILENT_MS } from "../commands/fleet/warnings.ts";
import { edgeWords } from "../operator/edge-words.ts";
import { modelAnswers } from "../operator/model-answers.ts";
import type { OperatorClient } from "../operator/operator-client.ts";
import { moreUnwell, unwellBoxes, unwellText } from "../operator/unwell-boxes.ts";
import { type Finding, fail, ok, skipped, warn } from "./finding.ts";

const Health = z.object({ version: z.string() });
const DeepHealth = z.object({ services: z.record(z.string(), z.object({ ok: z.boolean() })) });
/** An agent's assertion is valid for a minute, so a clock that is off by that much can't make a valid one. */
const SKEW_FAILS_S = 30;
const SKEW_WARNS_S = 5;

/** Whether the edge answers, its version, and how far this machine's clock is off. */
export async function edgeChecks(operator: OperatorClient, version: string | undefined): Promise<Finding[]> {
  const response = await operator.look("/healthz");
  const health = Health.safeParse(await response.json().catch(() => undefined));
  if (!response.ok || !health.success) {
    const todo = "Look at EDGE_URL, and at the edge's own log.";
    return [fail("edge", `${operator.edgeUrl} answers ${response.status}, but not as an openclaw-cloud edge`, todo)];
  }
  return [
    ok("edge", `${operator.edgeUrl} answers`),
    judgeScheme(operator.edgeUrl),
    judgeVersion(health.data.version, version),
    judgeClock(response.headers.get("date"), Date.now()),
  ];
}

const LOOPBACK = /^(127\.|\[::1\]|localhost$)/;

function judgeScheme(edgeUrl: string): Finding {
  const { protocol, hostname } = new URL(edgeUrl);
  if (protocol === "https:" || LOOPBACK.test(hostname)) return ok("edge encryption", `${protocol}//${hostname}`);
  return warn(
    "edge encryption",
    "keys travel in the clear",
    "Use https:// unless the way to the edge is your own network.",
  );
}

const judgeVersion = (theirs: string, ours: string | undefined): Finding =>
  ours === undefined || theirs === ours
    ? ok("edge version", theirs)
    : warn("edge version", `the edge is ${theirs}, this program ${ours}`, "Deploy the edge first, then the agents.");

/** Pure. The header has whole seconds. */
export function judgeClock(date: string | null, now: number): Finding {
  const theirs = Date.parse(date ?? "");
  if (Number.isNaN(theirs)) return warn("clock", "the edge's answer has no date, so the clock could not be compared");
  const skew = Math.round(Math.abs(theirs - now) / 1_000);
  const detail = `${skew} s from the edge's`;
  const todo = "Let this machine's clock be set by NTP.";
  if (skew >= SKEW_FAILS_S) return fail("clock", detail, todo);
  return skew >= SKEW_WARNS_S ? warn("clock", detail, todo) : ok("clock", detail);
}

/** Whether the key is known, what it may do, and whether the services behind the edge answer. */
export async function keyChecks(operator: OperatorClient): Promise<Finding[]> {
  try {
    const { name, scopes } = await operator.get("/internal/key", OperatorKey);
    const lacking = OPERATOR_SCOPES.filter((scope) => !scopes.includes(scope));
    const todo = "Commands that need these are refused; INTERNAL_KEYS of the edge says what a key may do.";
    const key =
      lacking.length === 0
        ? ok("operator key", `${name}, every scope`)
        : warn("operator key", `${name}, without ${lacking.join(", ")}`, todo);
    return [key, ...(await serviceChecks(operator))];
  } catch (error) {
    if (!(error instanceof EdgeError)) throw error;
    const todo = "Set OPERATOR_KEY to a key whose SHA-256 is in INTERNAL_KEYS of this edge.";
    return [fail("operator key", edgeWords(error), todo)];
  }
}

async function serviceChecks(operator: OperatorClient): Promise<Finding[]> {
  const response = await operator.look("/healthz?deep=1");
  const parsed = DeepHealth.safeParse(await response.json().catch(() => undefined));
  if (!parsed.success) return [fail("services", `the deep check answers ${response.status}`)];
  return Object.entries(parsed.data.services).map(([name, service]) =>
    service.ok
      ? ok(`service ${name}`, "answers")
      : fail(`service ${name}`, "does not answer", "See the edge's log, and the status page of the service."),
  );
}

const MODEL_TODO = "See the provider's console (key, balance, status) and the keys in the edge's secrets.";

/** Whether boxes get answers from their models. */
export async function modelChecks(operator: OperatorClient): Promise<Finding[]> {
  const { model_outages } = await operator.get("/internal/fleet", Fleet);
  const { state, words } = await modelAnswers(operator, model_outages);
  const finding = { ok, warn, fail, unknown: skipped }[state];
  return [finding("models", words, state === "unknown" ? undefined : MODEL_TODO)];
}

/** Whether each cluster's agents are connected, report and compare. */
export async function fleetChecks(operator: OperatorClient): Promise<Finding[]> {
  const { clusters } = await operator.get("/internal/fleet", Fleet);
  if (clusters.length === 0)
    return [fail("clusters", "there is none", "docs/06-kubernetes.md describes how to add one.")];
  const found = clusters.map(async ({ id, agents, last_seen_at }) => {
    const name = `agents of ${id}`;
    const silent = last_seen_at === null || Date.now() - Date.parse(last_seen_at) > SILENT_MS;
    if (!agents || agents.length === 0) return fail(name, "none is connected", "See docs/runbooks/agent-down.md.");
    if (silent) return fail(name, "connected, but not reporting on their boxes", "See docs/runbooks/agent-down.md.");
    const { compared_at } = await operator.get(`/internal/clusters/${id}/comparison`, ClusterComparison);
    return ok(name, `${agents.length} connected, compared ${compared_at ?? "never"}`);
  });
  const boxes = clusters.map(({ id }) => boxChecks(operator, id));
  return [...(await Promise.all(found)), ...(await Promise.all(boxes)).flat()];
}

const UNWELL_TODO = "See docs/runbooks/unhealthy-box.md.";

/** Each box that doesn't serve its customer, by itself. */
async function boxChecks(operator: OperatorClient, cluster: string): Promise<Finding[]> {
  const { boxes, more } = await unwellBoxes(operator, cluster);
  const name = `boxes of ${cluster}`;
  if (boxes.length === 0) return [ok(name, "none is unhealthy, none has failed")];
  const found = boxes.map((box) =>
    fail(name, unwellText(box, Date.now()), adviceOn(box.health_code)?.todo ?? UNWELL_TODO),
  );
  return more ? [...found, fail(name, moreUnwell(cluster), UNWELL_TODO)] : found;
}
