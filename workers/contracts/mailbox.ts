/** The interface of the FleetMailbox. All of it is plain data, because it crosses an RPC boundary. */
import type { Grant, MailboxMessage, PollRequest } from "#schema/contracts/fleet.ts";
import type { ConnectedAgent } from "#schema/contracts/fleet-status.ts";

/** What the mailbox knows of a job. `availableAt` in ms. */
export interface Offer {
  jobId: string;
  boxId: string;
  seq: number;
  availableAt: number;
  /** Nobody waits for it (a box of the warm pool): it must not delay jobs that somebody waits for. */
  background?: boolean;
}

/** The result of claiming a job. */
export type Claim =
  | { kind: "granted"; grant: Grant }
  /** Nothing to do: finished, superseded, running, unknown, or of another cluster. */
  | { kind: "gone" }
  /** Not before this moment (ms): it waits for a retry's delay or for another job of its box. */
  | { kind: "later"; at: number };

/** What happens to a job after a failed attempt. */
export type Requeued =
  | { kind: "queued"; availableAt: number }
  | { kind: "dead" }
  /** A newer job takes its place. */
  | { kind: "superseded" }
  | { kind: "unchanged" };

/** What happens to a job whose lease expired. */
export type Expired =
  | Exclude<Requeued, { kind: "queued" }>
  | { kind: "queued"; offer: Offer }
  | { kind: "gone" }
  | { kind: "extended"; leaseUntil: number };

/** The agent's key id, as a header of the upgrade that the Worker forwards to the mailbox. */
export const KID_HEADER = "x-agent-kid";

/** The FleetMailbox of one cluster, as the rest of the edge calls it. */
export interface Mailbox {
  offer(offers: readonly Offer[]): Promise<void>;
  extend(jobId: string, fence: number, leaseUntil: number): Promise<void>;
  release(jobId: string, fence: number, again?: Offer): Promise<void>;
  abort(jobId: string, fence: number, again?: Offer): Promise<void>;
  stop(jobId: string, fence: number): Promise<void>;
  keepOnly(kids: readonly string[]): Promise<void>;
  pause(paused: boolean): Promise<void>;
  status(): Promise<{ agents: ConnectedAgent[]; pausedSince: number | undefined }>;
  admit(jti: string, until: number): Promise<boolean>;
  poll(request: PollRequest, kid: string): Promise<MailboxMessage[]>;
  /** The WebSocket's upgrade. */
  fetch(url: string, init: { headers: Record<string, string> }): Promise<Response>;
}
