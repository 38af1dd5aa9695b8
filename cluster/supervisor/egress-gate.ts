import { setImmediate as afterPendingEvents } from "node:timers/promises";
import { sleep } from "#cluster/system/retry.ts";
import { type Canary, inWords } from "./canaries.ts";
import { log } from "./log.ts";
import { type Address, probe } from "./probe.ts";
import { type Failing, type Trouble, taking } from "./trouble.ts";

/**
 * Keeps the gateway from starting until the box's network policy is really in force. A policy that is stored is not
 * one that is enforced: network plugins put it in place while the pod already runs, K3s' some seconds after its start.
 * So places that the policy must refuse are tried until none of them answers any more, while the edge does: without
 * the second half, a network that is not there yet would look like one that refuses.
 */
export interface EgressGate {
  /** Why the gateway may not start yet, as text for operators; null once it may. */
  reason(): Trouble | null;
  stop(): void;
}

export interface GateOptions {
  /** Null: no gate. */
  canaries: Canary[] | null;
  /** The edge as this box reaches it; undefined while there is no box.json yet. */
  edge: () => Address | undefined;
  /** Called once, when the gateway may start; not if it may from the beginning. */
  onOpen: () => void;
  /** Called once, when the gate gives up and stays shut. */
  onGivenUp: (why: Failing) => void;
  limits?: Partial<GateLimits>;
}

export interface GateLimits {
  /** Any address nearer than the edge answers within this time, if at all. */
  answerMs: number;
  /** How long the edge may take to answer. */
  edgeMs: number;
  pauseMs: number;
  /** How long the policy may take to come into force. */
  policyWithinMs: number;
  /** How long the edge may be unreachable: an outage of the edge must not cause crash loops. */
  edgeWithinMs: number;
}

const LIMITS: GateLimits = {
  answerMs: 250,
  edgeMs: 2_000,
  pauseMs: 50,
  policyWithinMs: 60_000,
  edgeWithinMs: 240_000,
};

/** Clean rounds needed in a row: one lost packet to each canary must not open the gate. */
const CLEAN_ROUNDS = 2;

export function createEgressGate(options: GateOptions): EgressGate {
  const { canaries } = options;
  if (!canaries) return { reason: () => null, stop: () => {} };
  const limits = { ...LIMITS, ...options.limits };
  const stopping = new AbortController();
  const { signal } = stopping;
  let reason: Trouble | null = taking("the network policy is not known to be in force");

  const wait = async () => {
    await firstBox(options.edge, limits.pauseMs, signal);
    const startedAt = Date.now();
    for (let clean = 0; clean < CLEAN_ROUNDS; await sleep(limits.pauseMs, signal)) {
      const round = await judgeRound(canaries, options.edge(), limits);
      signal.throwIfAborted();
      clean = round.problem === null ? clean + 1 : 0;
      if (round.problem === null) continue;
      const { code, words } = round.problem;
      if (words !== reason?.words) log("egress_gate_shut", { reason: words });
      reason = round.problem;
      if (Date.now() - startedAt > round.withinMs)
        return options.onGivenUp({ code, words: `${words}, ${round.withinMs / 1_000} s after the start` });
    }
    reason = null;
    log("egress_gate_open", { ms: Date.now() - startedAt });
    options.onOpen();
  };
  wait().catch(() => undefined); // Only stop() ends it early.
  return { reason: () => reason, stop: () => stopping.abort() };
}

async function firstBox(edge: GateOptions["edge"], pauseMs: number, signal: AbortSignal): Promise<void> {
  while (!edge()) await sleep(pauseMs, signal);
}

interface Round {
  problem: Failing | null;
  withinMs: number;
}

/** Why the gate stays shut after a round, and how long it may; `problem` is null after a clean round. */
async function judgeRound(canaries: Canary[], edge: Address | undefined, limits: GateLimits): Promise<Round> {
  if (!edge)
    return { problem: { code: "config_refused", words: "there is no box.json" }, withinMs: limits.edgeWithinMs };
  const { reachable, edgeAnswers } = await tryAll(canaries, edge, limits);
  if (reachable.length > 0)
    return { problem: { code: "egress_open", words: notInForce(reachable) }, withinMs: limits.policyWithinMs };
  const words = `the edge (${edge.host}:${edge.port}) can't be reached`;
  return { problem: edgeAnswers ? null : { code: "egress_shut", words }, withinMs: limits.edgeWithinMs };
}

const notInForce = (reachable: Canary[]): string =>
  `the network policy is not in force: ${reachable.map(inWords).join(", ")} can be reached`;

/**
 * One round. A canary that is silent when the edge has answered, which is farther away, is taken as refused: plugins
 * that drop packets give no other sign.
 */
async function tryAll(canaries: Canary[], edge: Address, { answerMs, edgeMs }: GateLimits) {
  const over = new AbortController();
  const edgeAnswer = probe(edge, AbortSignal.timeout(edgeMs));
  const answers = Promise.all(canaries.map(async (canary) => ((await probe(canary, over.signal)) ? [canary] : [])));
  await Promise.race([answers, Promise.all([edgeAnswer, sleep(answerMs)])]);
  // On a busy core the timer may be late: use the answers that have arrived first.
  await afterPendingEvents();
  over.abort();
  return { reachable: (await answers).flat(), edgeAnswers: await edgeAnswer };
}
