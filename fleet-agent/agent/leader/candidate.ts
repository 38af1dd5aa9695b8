import type { KubeClient } from "../../drivers/kube/kube-client.ts";
import { isNotFound, unless } from "../../drivers/kube/kube-error.ts";
import type { MonotonicClock } from "../../lease.ts";
import { heldBy, type LeaseSpec, LeaseView, released } from "./lease-record.ts";

export interface LeaseName {
  namespace: string;
  name: string;
}

export interface CandidateOptions {
  client: Pick<KubeClient, "json">;
  lease: LeaseName;
  identity: string;
  leaseMs: number;
  requestMs: number;
  clock: MonotonicClock;
}

/** `since`: this machine's monotonic time before the request that acquired or renewed the lease. */
export type Try = { held: true; since: number; heldBefore: string | undefined } | { held: false; holder: string };

/**
 * One process's view of the lease. As in client-go, clocks are never compared: a holder's silence is
 * measured from when this process last saw the lease change. Every write names the version that was read, so one of two
 * simultaneous attempts wins.
 */
export class Candidate {
  readonly #options: CandidateOptions;
  #seen: { spec: LeaseSpec; version: string; at: number } | undefined;

  constructor(options: CandidateOptions) {
    this.#options = options;
  }

  /** Acquires or renews the lease if possible; throws if the API server fails or another process was faster. */
  async attempt(signal: AbortSignal): Promise<Try> {
    const { clock, identity } = this.#options;
    const since = clock();
    const found = await this.#read(signal);
    if (found) this.#notice(found);
    const before = this.#seen?.spec;
    const holder = before?.holderIdentity || undefined;
    if (holder && holder !== identity && this.#isValid()) return { held: false, holder };
    await this.#write(heldBy(identity, found && before, this.#options.leaseMs, new Date()), found, signal);
    return { held: true, since, heldBefore: holder === identity ? undefined : holder };
  }

  /** Releases the lease, if it is still ours. */
  async release(signal: AbortSignal): Promise<void> {
    const found = await this.#read(signal);
    if (found?.spec.holderIdentity !== this.#options.identity) return;
    await this.#write(released(found.spec, new Date()), found, signal);
  }

  #notice({ metadata, spec }: LeaseView): void {
    if (this.#seen?.version === metadata.resourceVersion) return;
    this.#seen = { spec, version: metadata.resourceVersion, at: this.#options.clock() };
  }

  #isValid(): boolean {
    const { at = 0, spec } = this.#seen ?? {};
    return at + 1_000 * (spec?.leaseDurationSeconds ?? 0) > this.#options.clock();
  }

  async #read(signal: AbortSignal): Promise<LeaseView | undefined> {
    const { client, lease, requestMs } = this.#options;
    const path = `${this.#collection()}/${lease.name}`;
    const request = { method: "GET" as const, path, signal: within(requestMs, signal) };
    return unless(isNotFound, async () => LeaseView.parse(await client.json(request)));
  }

  async #write(spec: LeaseSpec, found: LeaseView | undefined, signal: AbortSignal): Promise<void> {
    const { client, lease, requestMs } = this.#options;
    const resourceVersion = found?.metadata.resourceVersion;
    const metadata = { ...lease, ...(resourceVersion ? { resourceVersion } : {}) };
    const body = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec };
    const place = found
      ? ({ method: "PUT", path: `${this.#collection()}/${lease.name}` } as const)
      : ({ method: "POST", path: this.#collection() } as const);
    this.#notice(LeaseView.parse(await client.json({ ...place, body, signal: within(requestMs, signal) })));
  }

  #collection(): string {
    return `/apis/coordination.k8s.io/v1/namespaces/${this.#options.lease.namespace}/leases`;
  }
}

const within = (ms: number, signal: AbortSignal): AbortSignal => AbortSignal.any([signal, AbortSignal.timeout(ms)]);
