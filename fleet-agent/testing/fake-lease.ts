import type { LeaseSpec } from "../agent/leader/lease-record.ts";
import { type FakeApiServer, sendJson, sendStatus } from "./fake-api-server.ts";

/** One Lease, kept as Kubernetes does: an update that names another version than the stored one is a conflict. */
export class FakeLease {
  /** While set, requests are answered with this status. */
  broken: number | undefined;
  #spec: LeaseSpec | undefined;
  #version = 0;

  constructor(server: FakeApiServer) {
    server.answer = ({ method, body }, response) => {
      if (this.broken) return sendStatus(response, this.broken);
      if (method === "GET") return this.#spec ? sendJson(response, 200, this.#show()) : sendStatus(response, 404);
      const given = JSON.parse(body) as { metadata: { resourceVersion?: string }; spec: LeaseSpec };
      if (method === "POST" && this.#spec) return sendStatus(response, 409);
      if (method === "PUT" && given.metadata.resourceVersion !== String(this.#version))
        return sendStatus(response, 409);
      this.spec = given.spec;
      return sendJson(response, 200, this.#show());
    };
  }

  get spec(): LeaseSpec | undefined {
    return this.#spec;
  }

  /** As if somebody else had written it. */
  set spec(spec: LeaseSpec | undefined) {
    this.#spec = spec;
    this.#version += 1;
  }

  #show() {
    return { metadata: { name: "agent", resourceVersion: String(this.#version) }, spec: this.#spec };
  }
}
