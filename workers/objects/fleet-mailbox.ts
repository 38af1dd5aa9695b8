/**
 * The jobs of one cluster on their way to its agents: what is offered, who holds what and until when.
 *
 * Postgres decides whether a job may run (claim, fence); this object decides who gets it and notices when a lease
 * runs out. It may forget nothing, so everything is in SQLite, and it may be wrong about nothing that matters: an
 * offer of a finished job is dropped when it is claimed.
 */
import { DurableObject } from "cloudflare:workers";
import { type Held, Hello, type MailboxMessage, type PollRequest } from "#schema/contracts/fleet.ts";
import { newId } from "#schema/domain/ids.ts";
import { type Ctx, createContext } from "../context.ts";
import type { Env } from "../env.ts";
import { createLog, type Log, type LogFields } from "../log.ts";
import { type Claim, claimJob } from "../services/jobs/claim.ts";
import { type Expired, expireJob } from "../services/jobs/expire.ts";
import type { Offer } from "../services/jobs/offer.ts";
import { type Connection, type Connections, createConnections } from "./fleet-mailbox/connections.ts";
import { createDispatch, type Dispatch } from "./fleet-mailbox/dispatch.ts";
import { createMailboxStore, type Lease, type MailboxStore } from "./fleet-mailbox/store.ts";

/** After a failure of the database. */
const TRY_AGAIN_MS = 5_000;
const FIRST_LOOK_MS = 3_000;
const MAX_MESSAGE = 256 * 1024;

/** What Postgres says: whether a job may run, and what became of one whose lease ran out. */
export interface MailboxJobs {
  claim(jobId: string): Promise<Claim>;
  expire(lease: { jobId: string; fence: number }): Promise<Expired>;
}

export class FleetMailbox extends DurableObject<Env> {
  /** One clock decides all leases: this object's. */
  now = (): number => Date.now();
  jobs: MailboxJobs = {
    claim: (jobId) => claimJob({ ctx: this.#context(), input: { jobId, clusterId: this.#clusterId } }),
    expire: (input) => expireJob({ ctx: this.#context(), input }),
  };
  readonly #store: MailboxStore;
  readonly #connections: Connections;
  readonly #dispatch: Dispatch;
  #failed = false;

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    this.#store = createMailboxStore(state.storage.sql);
    this.#connections = createConnections(state);
    this.#dispatch = createDispatch({
      store: this.#store,
      connections: this.#connections,
      now: () => this.now(),
      claim: (jobId) => this.jobs.claim(jobId),
      granted: (grant) => {
        const { job_id, box_id, fence, attempt } = grant;
        this.#log({ job_id, box_id, fence, attempt, job_type: grant.type, outcome: "granted" }).emit();
      },
      failed: (error) => this.#fail(error),
    });
  }

  /** Takes offers in; the grants follow on their own. */
  async offer(offers: readonly Offer[]): Promise<void> {
    for (const offer of offers) this.#store.offer(offer);
    this.#goOn();
  }

  /** A job's lease goes on. */
  async extend(jobId: string, fence: number, leaseUntil: number): Promise<void> {
    this.#store.extend(jobId, fence, leaseUntil);
  }

  /** A job has ended; `again`: it is to be tried once more. */
  async release(jobId: string, again?: Offer): Promise<void> {
    this.#store.end(jobId);
    this.#store.drop(jobId);
    if (again) this.#store.offer(again);
    this.#goOn();
  }

  /** A job was taken away: whoever works on it is told to stop. `again`: it is to be tried once more. */
  async abort(jobId: string, again?: Offer): Promise<void> {
    const lease = this.#store.lease(jobId);
    this.#store.end(jobId);
    this.#store.drop(jobId);
    if (lease) this.#tellAbort(lease);
    if (again) this.#store.offer(again);
    this.#goOn();
  }

  /** Whether an assertion's id is used for the first time. */
  async admit(jti: string, until: number): Promise<boolean> {
    return this.#store.admit(jti, until, this.now());
  }

  /** A long poll: the messages there are, or those that come within `wait` seconds. */
  async poll({ capacity, running, wait }: PollRequest): Promise<MailboxMessage[]> {
    const poll = this.#connections.wait({ holder: newId(), capacity });
    this.#meet(poll, running);
    this.#connections.flush();
    // What can be granted now is granted before the waiting begins, also where `wait` is 0.
    await within(FIRST_LOOK_MS, Promise.race([this.#goOn(), poll.answered]));
    await within(wait * 1_000, poll.answered);
    poll.answer();
    return poll.answered;
  }

  /** The upgrade of `GET /fleet/mailbox`, which the Worker has authenticated. */
  override async fetch(): Promise<Response> {
    const { 0: client, 1: server } = new WebSocketPair();
    this.#connections.accept(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  override async webSocketMessage(socket: WebSocket, text: string | ArrayBuffer): Promise<void> {
    const hello = parseHello(text);
    if (!hello) return socket.close(1008, "say hello as schema/contracts/fleet.ts has it");
    this.#meet(this.#connections.hello(socket, hello.capacity), hello.running);
    this.#goOn();
  }

  override async webSocketClose(socket: WebSocket): Promise<void> {
    socket.close();
  }

  /** Takes back what ran out, and goes on. Running twice changes nothing. */
  override async alarm(): Promise<void> {
    const now = this.now();
    await Promise.all(this.#store.expired(now).map((lease) => this.#expire(lease).catch((error) => this.#fail(error))));
    await this.#goOn();
  }

  async #expire(lease: Lease): Promise<void> {
    const expired = await this.jobs.expire({ jobId: lease.jobId, fence: lease.fence });
    if (expired.kind === "extended") return this.#store.extend(lease.jobId, lease.fence, expired.leaseUntil);
    this.#store.end(lease.jobId);
    this.#tellAbort(lease);
    const ids = { job_id: lease.jobId, box_id: lease.boxId, fence: lease.fence };
    this.#log({ ...ids, outcome: `lease expired: ${expired.kind}` }).emit("warn");
    if (expired.kind === "queued") this.#store.offer({ ...lease, seq: expired.seq, availableAt: expired.availableAt });
  }

  /** Compares what an agent says it holds with what it does hold. */
  #meet(connection: Connection, running: readonly Held[]): void {
    for (const { job_id, fence } of running) {
      const lease = this.#store.lease(job_id);
      if (lease?.fence === fence) this.#store.hand(job_id, connection.holder);
      else connection.send({ type: "abort", job_id });
    }
  }

  #tellAbort(lease: Lease): void {
    const holder = this.#connections.all().find((connection) => connection.holder === lease.holder);
    holder?.send({ type: "abort", job_id: lease.jobId });
    this.#connections.flush();
  }

  /** Grants what can be granted, then sleeps until something is due. */
  #goOn(): Promise<void> {
    const done = this.#dispatch()
      .catch((error: unknown) => this.#fail(error))
      .then(() => this.#setAlarm());
    this.ctx.waitUntil(done);
    return done;
  }

  async #setAlarm(): Promise<void> {
    const now = this.now();
    const due = [this.#store.nextExpiry(), this.#store.nextAvailable(now)].filter((at) => at !== undefined);
    if (this.#failed) due.push(now + TRY_AGAIN_MS);
    this.#failed = false;
    // A lease that could not be taken back yet must not make the alarm ring without a pause.
    if (due.length > 0) await this.ctx.storage.setAlarm(Math.max(Math.min(...due), now + 100));
    else await this.ctx.storage.deleteAlarm();
  }

  #fail(error: unknown): void {
    this.#failed = true;
    const log = this.#log({});
    log.error(error);
    log.emit();
  }

  #log(fields: LogFields): Log {
    const log = createLog("mailbox", newId());
    log.set({ cluster_id: this.#clusterId, ...fields });
    return log;
  }

  #context(): Ctx {
    const defer = (work: Promise<unknown>): void => this.ctx.waitUntil(work);
    return createContext(this.env, { kind: "mailbox", actor: { kind: "system" }, defer });
  }

  get #clusterId(): string {
    return this.ctx.id.name ?? "";
  }
}

function parseHello(text: string | ArrayBuffer): Hello | undefined {
  if (typeof text !== "string" || text.length > MAX_MESSAGE) return undefined;
  try {
    return Hello.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Waits for the work, but not longer; no timer is left behind to keep the object awake. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, over]).finally(() => clearTimeout(timer));
}
