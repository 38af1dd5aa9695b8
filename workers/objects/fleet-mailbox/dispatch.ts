/** Grants offered jobs to agents that have room. One run at a time: a call during a run makes it repeat. */

import type { Grant } from "#schema/contracts/fleet.ts";
import type { Claim, Offer } from "../../contracts/mailbox.ts";
import type { Connections } from "./connections.ts";
import { backgroundRoom, roomiest, totalRoom } from "./room.ts";
import type { Lease, MailboxStore } from "./store.ts";

/** Claims at the same time: an object may have six outgoing connections. */
const PARALLEL = 6;

export interface DispatchOptions {
  store: MailboxStore;
  connections: Connections;
  claim(jobId: string): Promise<Claim>;
  /** No new claims; jobs already claimed are still delivered. */
  paused(): boolean;
  /** Closes the connections of revoked keys. If it fails, nothing is delivered. */
  review(): Promise<void>;
  now(): number;
  /** Called for each job that an agent got, and for a claim that failed. */
  granted(grant: Grant, holder: string): void;
  failed(error: unknown): void;
}

export type Dispatch = () => Promise<void>;

export function createDispatch(options: DispatchOptions): Dispatch {
  let running: Promise<void> | undefined;
  let again = false;
  const loop = async (): Promise<void> => {
    do {
      again = false;
      while (await round(options));
    } while (again);
  };
  return () => {
    again = true;
    running ??= loop().finally(() => {
      running = undefined;
    });
    return running;
  };
}

/**
 * @returns whether another round may find more. All claims are stored first, then delivered, together with those
 * that an earlier round could not deliver because the agent had just disconnected.
 */
async function round(options: DispatchOptions): Promise<boolean> {
  const { store, connections, now } = options;
  const waiting = store.undelivered().length;
  const room = totalRoom(connections.all(), store.held()) - waiting;
  const inBackground = backgroundRoom(connections.all(), store.heldInBackground());
  const offers = options.paused() ? [] : store.next(now(), Math.max(0, Math.min(room, PARALLEL)), inBackground);
  if (waiting + offers.length === 0) return false;
  const claims = Promise.allSettled(offers.map((offer) => options.claim(offer.jobId)));
  const [[reviewed], outcomes] = await Promise.all([Promise.allSettled([options.review()]), claims]);
  for (const [i, outcome] of outcomes.entries()) {
    const offer = offers[i];
    if (outcome.status === "fulfilled" && offer) applyClaim(options, offer, outcome.value);
  }
  if (reviewed.status === "fulfilled") for (const lease of store.undelivered()) deliver(options, lease);
  connections.flush();
  const failed = [reviewed, ...outcomes].filter((outcome) => outcome.status === "rejected");
  for (const { reason } of failed) options.failed(reason);
  return offers.length > 0 && failed.length === 0;
}

function applyClaim({ store, now }: DispatchOptions, offer: Offer, claim: Claim): void {
  if (claim.kind === "gone") store.drop(offer.jobId);
  else if (claim.kind === "later") store.postpone(offer.jobId, claim.at);
  else store.grant(leaseOf(claim.grant, offer), now());
}

const leaseOf = ({ type, attempt, fence, ...grant }: Grant, { background = false }: Offer): Lease => ({
  jobId: grant.job_id,
  boxId: grant.box_id,
  type,
  attempt,
  fence,
  leaseUntil: grant.lease_until,
  holder: "",
  background,
});

function deliver({ store, connections, granted }: DispatchOptions, lease: Lease): void {
  const to = roomiest(connections.all(), store.held());
  if (!to) return;
  const { jobId, boxId, leaseUntil, type, attempt, fence } = lease;
  const grant: Grant = { job_id: jobId, box_id: boxId, type, attempt, fence, lease_until: leaseUntil };
  if (!to.send({ type: "grant", grant })) return;
  store.assign(jobId, to.holder);
  granted(grant, to.holder);
}
