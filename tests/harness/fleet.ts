import { randomUUID } from "node:crypto";
import { importJWK, SignJWT } from "jose";
import type { LocalSecrets } from "#cluster/local/secrets.ts";
import { CLUSTER_ID } from "#cluster/local/stack.ts";
import { type CompleteRequest, DesiredBox, type Grant, type Held, PollAnswer } from "#schema/contracts/fleet.ts";

/** A fleet-agent reduced to its words: what a real one says to the edge, one request at a time. */
export class FleetClient {
  readonly #url: string;
  readonly #key: LocalSecrets["agentKey"];
  readonly #cluster: string;

  constructor(url: string, key: LocalSecrets["agentKey"], cluster = CLUSTER_ID) {
    this.#url = url;
    this.#key = key;
    this.#cluster = cluster;
  }

  async assertion(change: { jti?: string; audience?: string; expires?: string } = {}): Promise<string> {
    return new SignJWT()
      .setProtectedHeader({ alg: "EdDSA", kid: this.#key.kid })
      .setIssuer(this.#cluster)
      .setAudience(change.audience ?? this.#url)
      .setIssuedAt()
      .setExpirationTime(change.expires ?? "50s")
      .setJti(change.jti ?? randomUUID())
      .sign(await importJWK(this.#key, "EdDSA"));
  }

  async send(method: string, path: string, body?: unknown, assertion?: string): Promise<Response> {
    return fetch(`${this.#url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${assertion ?? (await this.assertion())}`,
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  /** The grants that are waiting, now or within `wait` seconds. */
  async poll(wait = 0, holds: Held[] = [], capacity = 10): Promise<Grant[]> {
    const running = holds.map(({ job_id, fence }) => ({ job_id, fence }));
    const response = await this.send("POST", "/fleet/poll", { capacity, running, wait });
    if (!response.ok) throw new Error(`poll: ${response.status} ${await response.text()}`);
    return PollAnswer.parse(await response.json()).messages.flatMap((message) =>
      message.type === "grant" ? [message.grant] : [],
    );
  }

  async desired({ job_id, fence }: Held): Promise<DesiredBox> {
    const response = await this.send("GET", `/fleet/jobs/${job_id}/box?fence=${fence}`);
    if (!response.ok) throw new Error(`box: ${response.status} ${await response.text()}`);
    return DesiredBox.parse(await response.json());
  }

  complete(jobId: string, body: CompleteRequest): Promise<Response> {
    return this.send("POST", `/fleet/jobs/${jobId}/complete`, body);
  }
}
