import { sleep } from "#cluster/system/retry.ts";
import type { KubeClient } from "../../drivers/kube/kube-client.ts";
import { type MonotonicClock, monotonic } from "../../lease.ts";
import type { Logger } from "../../log.ts";
import type { Pulse } from "../server/vitals.ts";
import { Candidate, type LeaseName, type Try } from "./candidate.ts";

/** client-go's defaults, which Kubernetes' own controllers use. */
export const TIMINGS = {
  /** A holder that is silent for this long has lost the lease. */
  leaseMs: 15_000,
  /** A holder that can't renew for this long stops by itself, five seconds before another may begin. */
  renewDeadlineMs: 10_000,
  /** Between two checks of the lease. */
  retryMs: 2_000,
};

export interface ElectionOptions {
  client: Pick<KubeClient, "json">;
  lease: LeaseName;
  /** Unique among the candidates, but the same after a restart in the same pod, which then continues at once. */
  identity: string;
  log: Logger;
  timings?: typeof TIMINGS;
  clock?: MonotonicClock;
  pulse?: Pulse;
  /** Called after each check: whether the API server answered. */
  looked?: (answered: boolean) => void;
}

/** The time in which this process leads. */
export interface Term {
  /** Aborts when the lease could not be renewed in time: another process may lead soon, so everything must stop now. */
  lost: AbortSignal;
  /** False from the deadline on, even in a process that was paused and whose timers have not fired yet. */
  holds(): boolean;
  /** The previous holder, if its lease expired: it is dead or has stopped itself. */
  predecessor: string | undefined;
  /** Ends the term and releases the lease, so that another may begin at once. Never throws. */
  release(): Promise<void>;
}

/** Waits until this process leads. Undefined if `signal` aborted first. */
export async function stand(options: ElectionOptions, signal: AbortSignal): Promise<Term | undefined> {
  const { log, timings = TIMINGS, clock = monotonic } = options;
  const { leaseMs, renewDeadlineMs, retryMs } = timings;
  const candidate = new Candidate({ ...options, leaseMs, requestMs: renewDeadlineMs / 2, clock });
  let told = "";
  while (!signal.aborted) {
    const result = await look(candidate, options, signal);
    if (result?.held) {
      log.info({ lease: options.lease.name, before: result.heldBefore }, "this process leads");
      return hold(candidate, options, result);
    }
    if (result && result.holder !== told) log.info({ holder: result.holder }, "standing by");
    told = result?.holder ?? told;
    // Random, so that candidates don't collide at each write.
    await sleep(retryMs * (0.8 + 0.4 * Math.random()), signal).catch(() => undefined);
  }
  return undefined;
}

async function look(candidate: Candidate, options: ElectionOptions, signal: AbortSignal): Promise<Try | undefined> {
  options.pulse?.beat();
  try {
    const result = await candidate.attempt(signal);
    options.looked?.(true);
    return result;
  } catch (error) {
    if (signal.aborted) return undefined;
    options.looked?.(false);
    options.log.warn({ reason: reasonOf(error) }, "the lease could not be read");
    return undefined;
  }
}

/** The API server's message names the lease and the caller. */
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : "no answer");

function hold(candidate: Candidate, options: ElectionOptions, won: Try & { held: true }): Term {
  const { log, timings = TIMINGS, clock = monotonic } = options;
  const lost = new AbortController();
  const ended = new AbortController();
  let deadlineAt = 0;
  let deadline: NodeJS.Timeout | undefined;
  const lose = (why: string) => {
    if (ended.signal.aborted) return;
    log.error({ why }, "this process no longer leads");
    lost.abort();
    ended.abort();
  };
  // Counted from before the request: the lease can't have begun earlier.
  const renewedAt = (since: number) => {
    clearTimeout(deadline);
    deadlineAt = since + timings.renewDeadlineMs;
    deadline = setTimeout(lose, deadlineAt - clock(), "the lease could not be renewed in time");
  };
  const renew = async () => {
    renewedAt(won.since);
    while (!ended.signal.aborted) {
      await sleep(timings.retryMs, ended.signal).catch(() => undefined);
      if (ended.signal.aborted) return;
      const result = await look(candidate, options, ended.signal);
      if (result?.held) renewedAt(result.since);
      else if (result) lose(`${result.holder} holds the lease`);
    }
  };
  const renewing = renew().finally(() => clearTimeout(deadline));
  const holds = () => !lost.signal.aborted && (ended.signal.aborted || clock() < deadlineAt);
  const endInOrder = async () => {
    if (!holds()) lose("its deadline passed");
    ended.abort();
    await renewing;
    if (lost.signal.aborted) return;
    await candidate.release(AbortSignal.timeout(timings.retryMs)).then(
      () => log.info("the lease is released"),
      (error) => log.warn({ reason: reasonOf(error) }, "the lease could not be released and must expire"),
    );
  };
  let ending: Promise<void> | undefined;
  const release = () => {
    ending ??= endInOrder();
    return ending;
  };
  return { lost: lost.signal, holds, predecessor: won.heldBefore, release };
}
