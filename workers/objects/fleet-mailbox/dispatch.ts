/** Hands offered jobs to agents that have room. Runs once at a time; a call while it runs makes it go round again. */
import type { Grant } from "#schema/contracts/fleet.ts";
import type { Claim } from "../../services/jobs/claim.ts";
import type { Offer } from "../../services/jobs/offer.ts";
import type { Connections } from "./connections.ts";
import { roomiest, totalRoom } from "./room.ts";
import type { Lease, MailboxStore } from "./store.ts";

/** Claims under way at the same time: an object may have six outgoing connections. */
const PARALLEL = 6;

export interface DispatchOptions {
  store: MailboxStore;
  connections: Connections;
  claim(jobId: string): Promise<Claim>;
  now(): number;
  /** Told of each job that was taken, and of a claim that failed. */
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

/** Whether another round may find something. */
async function round(options: DispatchOptions): Promise<boolean> {
  const { store, connections, now } = options;
  redeliver(options);
  const room = totalRoom(connections.all(), store.held());
  const offers = store.next(now(), Math.min(room, PARALLEL));
  const outcomes = await Promise.allSettled(offers.map((offer) => options.claim(offer.jobId)));
  for (const [i, outcome] of outcomes.entries()) {
    const offer = offers[i];
    if (outcome.status === "rejected") options.failed(outcome.reason);
    else if (offer) settle(options, offer, outcome.value);
  }
  connections.flush();
  return offers.length > 0 && outcomes.every((outcome) => outcome.status === "fulfilled");
}

function settle(options: DispatchOptions, offer: Offer, claim: Claim): void {
  if (claim.kind === "gone") options.store.drop(offer.jobId);
  else if (claim.kind === "later") options.store.postpone(offer.jobId, claim.at);
  else grant(options, claim.grant);
}

function grant(options: DispatchOptions, granted: Grant): void {
  const { job_id: jobId, box_id: boxId, lease_until: leaseUntil, type, attempt, fence } = granted;
  const lease: Lease = { jobId, boxId, type, attempt, fence, leaseUntil, holder: "" };
  options.store.grant(lease, options.now());
  deliver(options, lease);
}

/** Jobs that were taken when the last agent had just gone. */
function redeliver(options: DispatchOptions): void {
  for (const lease of options.store.undelivered()) deliver(options, lease);
  options.connections.flush();
}

function deliver({ store, connections, granted }: DispatchOptions, lease: Lease): void {
  const to = roomiest(connections.all(), store.held());
  if (!to) return;
  const { jobId, boxId, leaseUntil, type, attempt, fence } = lease;
  const grant: Grant = { job_id: jobId, box_id: boxId, type, attempt, fence, lease_until: leaseUntil };
  to.send({ type: "grant", grant });
  store.hand(jobId, to.holder);
  granted(grant, to.holder);
}
