import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Lease, LeaseLost } from "../../lease.ts";
import { type FakeApiServer, sendJson, sendStatus, startFakeApiServer } from "../../testing/fake-api-server.ts";
import { sampleBox } from "../../testing/sample-box.ts";
import { SETTINGS } from "../../testing/sample-cluster.ts";
import { boxObjects } from "../desired/box-objects.ts";
import type { Secret } from "../desired/kube-object.ts";
import { connectKube, type KubeClient } from "./kube-client.ts";
import { secretCheckOn } from "./secret-check.ts";
import { writeSecret } from "./write-secret.ts";

let server: FakeApiServer;
let client: KubeClient;
let lease: Lease;
beforeEach(async () => {
  server = await startFakeApiServer();
  client = await connectKube(server.config);
  lease = new Lease();
  lease.renew(performance.now());
  stored = undefined;
  version = 0;
  server.answer = serve;
});
afterEach(async () => {
  lease.end();
  await client.close();
  await server.close();
});

const box = sampleBox();
const { secret } = boxObjects(box, SETTINGS);
const collection = `/api/v1/namespaces/customer-${box.box_id}/secrets`;

/** A server with one Secret, that knows what the agent may ask for. */
let stored: Secret | undefined;
let version: number;
const serve: FakeApiServer["answer"] = ({ method, path, body, query }, response) => {
  const sent = JSON.parse(body);
  const named = sent.metadata.resourceVersion;
  if (method === "POST" && path === collection) {
    if (stored) return sendJson(response, 409, { code: 409, reason: "AlreadyExists", message: "already exists" });
  } else if (method === "PUT" && path === `${collection}/gateway`) {
    if (!stored) return sendStatus(response, 404, "not found");
    if (named !== undefined && named !== String(version)) return sendStatus(response, 409, "has been modified");
  } else return sendStatus(response, 403, `no right to ${method}`);
  if (query.get("dryRun") === "All") return sendJson(response, 200, sent);
  stored = sent;
  version += 1;
  sendJson(response, 200, { ...sent, metadata: { ...sent.metadata, uid: "u", resourceVersion: String(version) } });
};
const write = (isNew: boolean) => writeSecret({ client, guard: lease }, secret, isNew);
const methods = () => server.requests.map(({ method }) => method);

describe("writing a Secret", () => {
  it("takes one request where it is new and where it is there, and tells its version", async () => {
    expect(await write(true)).toBe("1");
    expect(await write(false)).toBe("2");
    expect(methods()).toEqual(["POST", "PUT"]);
    expect(stored).toEqual(secret);
    expect(server.requests.map(({ query }) => query.get("fieldManager"))).toEqual(["fleet-agent", "fleet-agent"]);
  });

  it("makes one that is gone, and replaces one that was made in between", async () => {
    expect(await write(false)).toBe("1");
    expect(await write(true)).toBe("2");
    expect(methods()).toEqual(["PUT", "POST", "POST", "PUT"]);
  });

  it("gets over failures, and does not fight over one that comes and goes", async () => {
    let failures = 2;
    server.answer = (request, response) => {
      if (failures-- > 0) sendStatus(response, 500);
      else serve(request, response);
    };
    expect(await write(true)).toBe("1");
    server.answer = ({ method }, response) => {
      if (method === "PUT") sendStatus(response, 404);
      else sendJson(response, 409, { code: 409, reason: "AlreadyExists" });
    };
    await expect(write(false)).rejects.toThrow("made and deleted again");
  });

  it("takes the fence's refusal for the loss of the lease", async () => {
    server.answer = (_request, response) => sendStatus(response, 422, "fleet/fence 4 is older than the stored 5");
    await expect(write(true)).rejects.toBeInstanceOf(LeaseLost);
  });
});

describe("whether a Secret was changed", () => {
  const changed = (asked: string) => secretCheckOn(client, new AbortController().signal)(box, asked);

  it("is told by its version, with nothing sent, nothing stored and nothing read", async () => {
    await write(true);
    expect(await changed("1")).toBe(false);
    expect(await changed("0")).toBe(true);
    expect(version).toBe(1);
    expect(server.requests.slice(1).map(({ body }) => JSON.parse(body).data)).toEqual([undefined, undefined]);
  });

  it("is told of one that is gone", async () => {
    expect(await changed("1")).toBe(true);
  });

  it("is not said while a newer holder is at work, nor where the answer says nothing", async () => {
    server.answer = (_request, response) => sendStatus(response, 403, "fleet/fence 7 is older than the stored 8");
    expect(await changed("1")).toBe(false);
    server.answer = (_request, response) => sendStatus(response, 403, "no right to update secrets");
    await expect(changed("1")).rejects.toThrow("no right");
  });
});
