import type { Vitals } from "../server/vitals.ts";
import { type ElectionOptions, stand, type Term } from "./election.ts";

export interface TermsOptions extends Omit<ElectionOptions, "pulse" | "looked"> {
  vitals: Vitals;
  /** Ends candidacy and releases the lease at once: the next leader need not wait for our last jobs. */
  drain: AbortSignal;
  /** Told when a term begins and ends. */
  leads: (leads: boolean) => void;
}

const HANGS_AFTER_MS = 60_000;

/**
 * Takes part in the election until `drain` aborts, and calls `lead` for every term; `lead` ends when the term is lost or
 * the agent drains. An error from it ends the process, and with it the term.
 */
export async function runTerms(options: TermsOptions, lead: (term: Term) => Promise<void>): Promise<void> {
  const { vitals, drain, leads } = options;
  const pulse = vitals.pulse("the leader election", HANGS_AFTER_MS);
  let answered = false;
  vitals.need("lease", () => (answered ? undefined : "the API server doesn't answer for the leader's lease"));
  const election: ElectionOptions = {
    ...options,
    pulse,
    looked: (now) => {
      answered = now;
    },
  };
  const onDrain = () => pulse.end();
  drain.addEventListener("abort", onDrain, { once: true });
  while (!drain.aborted) {
    const term = await stand(election, drain);
    if (!term) break;
    const letGo = () => void term.release();
    drain.addEventListener("abort", letGo, { once: true });
    leads(true);
    try {
      await lead(term);
    } finally {
      leads(false);
      drain.removeEventListener("abort", letGo);
      await term.release();
    }
  }
}
