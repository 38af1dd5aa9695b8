/**
 * Hands one cluster's jobs to its agents: stores offers, grants and leases.
 *
 * Postgres decides whether a job may run (claim, fence); this object decides which agent gets it and notices when a
 * lease expires. Everything is in SQLite, so an eviction loses nothing. A wrong offer does no harm: one of a finished
 * job is dropped when it is claimed.
 */

import { DurableObject } from "cloudflare:workers";
import type { Held, MailboxMessage, PollRequest } from "#schema/contracts/fleet.ts";
import type { ConnectedAgent } from "#schema/contracts/fleet-status.ts";
import { newId } from "#schema/domain/ids.ts";
import { type Ctx, createContext } from "../context.ts";
import { KID_HEADER, type Offer } from "../contracts/mailbox.ts";
import type { Env } from "../env.ts";
import { createLog, type Log, type LogFields, logError } from "../log.ts";
import { type Connection, type Connections, createConnections, instanceOf } from "./fleet-mailbox/connections.ts";
import { createDispatch, type Dispatch } from "./fleet-mailbox/dispatch.ts";
import { jobsInPostgres, type MailboxJobs } from "./fleet-mailbox/mailbox-jobs.ts";
import { parseHello } from "./fleet-mailbox/parse-hello.ts";
import { createPause } from "./fleet-mailbox/pause.ts";
import { createMailboxStore, type Lease, type MailboxStore } from "./fleet-mailbox/store.ts";
import { within } from "./fleet-mailbox/within.ts";

/** How long to wait after a database failure. */
const RETRY_MS = 5_000;
/** The shortest time between two alarms. */
const ALARM_INTERVAL_MS = 100;
const FIRST_DISPATCH_MS = 3_000;

export class FleetMailbox extends DurableObject<Env> {
  /** One clock decides all leases: this object's. */
  now = (): number => Date.now();
  jobs: MailboxJobs = jobsInPostgres(() => this.#context(), this.#clusterId);
  readonly #store: MailboxStore;
  readonly #connections: Connections;
  readonly #pause: ReturnType<typeof createPause>;
  readonly #dispatch: Dispatch;
  #failed = false;

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    this.#store = createMailboxStore(state.storage.sql);
    this.#connections = createConnections(state);
    this.#pause = createPause(state.storage.sql);
    this.#dispatch = createDispatch({
      store: this.#store,
      connections: this.#connections,
      now: () => this.now(),
      claim: (jobId) => this.jobs.claim(jobId),
      paused: () => this.#pause.since() !== undefined,
      review: async () => this.#connections.keepOnly(await this.jobs.kids()),
      granted: (grant) => {
        const { job_id, box_id, fence, attempt } = grant;
        this.#log({ job_id, box_id, fence, attempt, job_type: grant.type, outcome: "granted" }).emit();
      },
      failed: (error) => this.#fail(error),
    });
  }

  /** Stores offers; the jobs are granted when an agent has room. */
  async offer(offers: readonly Offer[]): Promise<void> {
    for (const offer of offers) this.#store.offer(offer);
    this.#schedule();
  }

  /** Extends a job's lease. */
  async extend(jobId: string, fence: number, leaseUntil: number): Promise<void> {
    this.#store.extend(jobId, fence, leaseUntil);
  }

  /**
   * Ends the job that was held under `fence`; `again`: it will be retried. The call may come late: a
   * newer grant of the job stays as it is.
   */
  async release(jobId: string, fence: number, again?: Offer): Promise<void> {
    this.#store.end(jobId, fence);
    if (again) this.#store.offer(again);
    this.#schedule();
  }

  /** The same for a job that was cancelled or lost its lease: its agent gets an abort. */
  async abort(jobId: string, fence: number, again?: Offer): Promise<void> {
    const lease = this.#store.lease(jobId);
    if (lease && lease.fence <= fence) this.#send(lease, "abort");
    await this.release(jobId, fence, again);
  }

  /** Has the holder end a job that a newer one waits for. It keeps the lease until it says that it has, or until that expires. */
  async stop(jobId: string, fence: number): Promise<void> {
    const lease = this.#store.lease(jobId);
    if (lease?.fence !== fence) return;
    this.#store.stop(jobId);
    this.#send(lease, "stop");
  }

  /** Closes the connections of keys that are no longer valid. */
  async keepOnly(kids: readonly string[]): Promise<void> {
    this.#connections.keepOnly(new Set(kids));
  }

  /** Stops granting jobs, or starts again. */
  async pause(paused: boolean): Promise<void> {
    if (paused) this.#pause.begin(this.now());
    else this.#pause.end();
    this.#schedule();
  }

  /** Which agents are connected, and since when (ms) granting is paused. */
  async status(): Promise<{ agents: ConnectedAgent[]; pausedSince: number | undefined }> {
    const held = this.#store.held();
    const agents = this.#connections.all().map(({ kid, holder, capacity }) => ({
      kid,
      instance: instanceOf(holder) ?? null,
      capacity,
      holds: held.get(holder) ?? 0,
    }));
    return { agents, pausedSince: this.#pause.since() };
  }

  /** Whether an assertion's id is used for the first time. */
  async admit(jti: string, until: number): Promise<boolean> {
    return this.#store.admit(jti, until, this.now());
  }

  /** A long poll of an agent with this key: the waiting messages, or those that arrive within `wait` seconds. */
  async poll({ running, wait, ...hello }: PollRequest, kid: string): Promise<MailboxMessage[]> {
    const poll = this.#connections.wait({ ...hello, kid });
    await this.#reconcile(poll, running, hello.replaces);
    this.#connections.flush();
    // Grant what can be granted before waiting, also if `wait` is 0.
    await within(FIRST_DISPATCH_MS, Promise.race([this.#schedule(), poll.answered]));
    await within(wait * 1_000, poll.answered);
    poll.answer();
    return poll.answered;
  }

  /** The upgrade of `GET /fleet/mailbox`, which the Worker has authenticated. */
  override async fetch(request: Request): Promise<Response> {
    const { 0: client, 1: server } = new WebSocketPair();
    this.#connections.accept(server, request.headers.get(KID_HEADER) ?? "");
    return new Response(null, { status: 101, webSocket: client });
  }

  override async webSocketMessage(socket: WebSocket, text: string | ArrayBuffer): Promise<void> {
    const hello = parseHello(text);
    const connection = hello && this.#connections.hello(socket, hello);
    if (!connection) return socket.close(1008, "the first message must be a valid hello");
    await this.#reconcile(connection, hello.running, hello.replaces);
    this.#schedule();
  }

  override async webSocketClose(socket: WebSocket): Promise<void> {
    socket.close();
  }

  /** Ends expired leases, then grants what can be granted. Running twice changes nothing. */
  override async alarm(): Promise<void> {
    await this.#expireAll(this.#store.expired(this.now()), false);
    await this.#schedule();
  }

  async #expireAll(leases: readonly Lease[], abandoned: boolean): Promise<void> {
    const all = leases.map((lease) => this.#expire(lease, abandoned).catch((error) => this.#fail(error)));
    await Promise.all(all);
  }

  async #expire(lease: Lease, abandoned: boolean): Promise<void> {
    const { jobId, boxId, fence } = lease;
    const expired = await this.jobs.expire({ jobId, fence, abandoned });
    if (expired.kind === "extended") return this.#store.extend(jobId, fence, expired.leaseUntil);
    this.#store.end(jobId, fence);
    this.#send(lease, "abort");
    const outcome = `${abandoned ? "abandoned" : "lease expired"}: ${expired.kind}`;
    this.#log({ job_id: jobId, box_id: boxId, fence, outcome }).emit("warn");
    if (expired.kind === "queued") this.#store.offer(expired.offer);
  }

  /** Compares the jobs that an agent reports with its leases. */
  async #reconcile(connection: Connection, running: readonly Held[], replaces: string | undefined): Promise<void> {
    for (const { job_id, fence } of running) {
      const lease = this.#store.lease(job_id);
      const holds = lease?.fence === fence;
      if (holds) this.#store.assign(job_id, connection.holder);
      if (!holds || lease.stopping) connection.send({ type: holds ? "stop" : "abort", job_id });
    }
    await this.#expireAll(this.#abandonedAt(connection, replaces), true);
  }

  /**
   * Jobs that an earlier connection of the same instance got and this one doesn't know: the process was killed, or the
   * grant never arrived. An instance has at most one process, so nobody works on them. If that were wrong, the next
   * grant's fence would still stop the other process's writes in Postgres, the cluster and the local driver. A job of
   * this connection may still be on its way to it, and one of another instance may be running: these wait for their
   * leases to expire, unless that instance is known to be dead (`replaces`).
   */
  #abandonedAt({ holder }: Connection, replaces: string | undefined): Lease[] {
    const dead = new Set([instanceOf(holder), replaces].filter((instance) => instance !== undefined));
    return this.#store.all().filter((lease) => lease.holder !== holder && dead.has(instanceOf(lease.holder) ?? ""));
  }

  #send(lease: Lease, type: "abort" | "stop"): void {
    const holder = this.#connections.all().find((connection) => connection.holder === lease.holder);
    holder?.send({ type, job_id: lease.jobId });
    this.#connections.flush();
  }

  /** Grants what can be granted, then sets the alarm for the next due time. */
  #schedule(): Promise<void> {
    const done = this.#dispatch()
      .catch((error: unknown) => this.#fail(error))
      .then(() => this.#setAlarm());
    this.ctx.waitUntil(done);
    return done;
  }

  async #setAlarm(): Promise<void> {
    const now = this.now();
    const due = [this.#store.nextExpiry(), this.#store.nextAvailable(now)].filter((at) => at !== undefined);
    // Failed work is still due, and would fire the alarm without a pause.
    const soonest = now + (this.#failed ? RETRY_MS : ALARM_INTERVAL_MS);
    if (this.#failed) due.push(soonest);
    this.#failed = false;
    if (due.length > 0) await this.ctx.storage.setAlarm(Math.max(Math.min(...due), soonest));
    else await this.ctx.storage.deleteAlarm();
  }

  #fail(error: unknown): void {
    this.#failed = true;
    logError("mailbox", newId(), error, { cluster_id: this.#clusterId });
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
