import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Lease, LeaseLost } from "../../lease.ts";
import { type FakeApiServer, sendJson, sendStatus, startFakeApiServer } from "../../testing/fake-api-server.ts";
import { sampleBox } from "../../testing/sample-box.ts";
import { namespace } from "../desired/namespace.ts";
import { connectKube, type KubeClient } from "./kube-client.ts";
import { apply, readIfThere, remove, type Writer } from "./write.ts";

let server: FakeApiServer;
let client: KubeClient;
let lease: Lease;
let writer: Writer;
beforeEach(async () => {
  server = await startFakeApiServer();
  client = await connectKube(server.config);
  lease = new Lease();
  lease.renew(performance.now());
  writer = { client, guard: lease };
});
afterEach(async () => {
  lease.end();
  await client.close();
  await server.close();
});

const object = namespace(sampleBox());
/** The first requests are answered so, the rest well. */
const first = (...answers: ((response: ServerResponse) => void)[]) => {
  server.answer = (_request, response) => {
    const answer = answers[server.requests.length - 1];
    if (answer) answer(response);
    else sendJson(response, 200, { applied: true });
  };
};
const reset = () => {
  throw new Error("reset");
};

describe("apply", () => {
  it("sends the whole object, as its one owner, and asks for strictness", async () => {
    await apply(writer, object);
    const [request] = server.requests;
    expect(request).toMatchObject({ method: "PATCH", path: `/api/v1/namespaces/${object.metadata.name}` });
    expect(Object.fromEntries(request?.query ?? [])).toEqual({
      fieldManager: "fleet-agent",
      force: "true",
      fieldValidation: "Strict",
    });
    expect(request?.headers).toMatchObject({
      authorization: "Bearer canary-token",
      "content-type": "application/apply-patch+yaml",
    });
    expect(JSON.parse(request?.body ?? "")).toEqual(object);
  });

  it("gets over conflicts, refusals to hurry, failures and resets", async () => {
    first(
      (response) => sendStatus(response, 409),
      (response) => sendStatus(response, 500),
      reset,
      (response) => sendStatus(response, 429, "", { "retry-after": "0" }),
    );
    await expect(apply(writer, object)).resolves.toEqual({ applied: true });
    expect(server.requests.length).toBe(5);
  });

  it("waits as long as the server asks", async () => {
    first((response) => sendStatus(response, 429, "", { "retry-after": "1" }));
    const since = performance.now();
    await apply(writer, object);
    expect(performance.now() - since).toBeGreaterThanOrEqual(1_000);
  });

  it("gives up after six tries", async () => {
    server.answer = (_request, response) => sendStatus(response, 409, "always");
    await expect(apply(writer, object)).rejects.toThrow("always");
    expect(server.requests.length).toBe(6);
  });

  it("asks once where the answer is no", async () => {
    server.answer = (_request, response) => sendStatus(response, 422, "no");
    await expect(apply(writer, object)).rejects.toThrow("no");
    expect(server.requests.length).toBe(1);
  });

  it("writes nothing without the lease, and stops trying when it is lost", async () => {
    server.answer = (_request, response) => {
      lease.lose("somebody else has it");
      sendStatus(response, 500);
    };
    await expect(apply(writer, object)).rejects.toBeInstanceOf(LeaseLost);
    await expect(apply(writer, object)).rejects.toBeInstanceOf(LeaseLost);
    expect(server.requests.length).toBe(1);
  });

  it("writes nothing after a pause that outlasted the lease, though no timer has fired yet", async () => {
    let now = 0;
    const paused = new Lease(() => now);
    paused.renew(now);
    now = 300_000;
    await expect(apply({ client, guard: paused }, object)).rejects.toBeInstanceOf(LeaseLost);
    expect(server.requests).toEqual([]);
  });

  it("takes the fence's refusal for the loss of the lease", async () => {
    server.answer = (_request, response) =>
      sendStatus(response, 403, "denied: fleet/fence 4 is older than the stored 5");
    await expect(apply(writer, object)).rejects.toBeInstanceOf(LeaseLost);
  });
});

describe("remove", () => {
  const path = "/api/v1/namespaces/n";
  const seen = (resourceVersion = "5", fence = "7", uid = "uid-1") => ({
    metadata: { name: "n", uid, resourceVersion, annotations: { "fleet/fence": fence } },
  });
  /** What the DELETEs named as their preconditions. */
  const preconditions = () =>
    server.requests.flatMap(({ method, body }) => (method === "DELETE" ? [JSON.parse(body).preconditions] : []));
  /** A server where the object has become `now` since it was seen. */
  const since = (now: ReturnType<typeof seen> | undefined) => {
    server.answer = ({ method, body }, response) => {
      if (!now) return sendStatus(response, method === "GET" ? 404 : 409);
      if (method === "GET") return sendJson(response, 200, now);
      const asked = JSON.parse(body).preconditions.resourceVersion;
      if (asked === now.metadata.resourceVersion) sendJson(response, 200, {});
      else sendStatus(response, 409, "Precondition failed");
    };
  };

  it("names the object as it saw it, and is content when it is gone", async () => {
    server.answer = (_request, response) => sendStatus(response, 404);
    await remove(writer, path, seen(), 7);
    expect(preconditions()).toEqual([{ uid: "uid-1", resourceVersion: "5" }]);
  });

  it("looks again where somebody wrote in between, and decides anew", async () => {
    since(seen("6"));
    await remove(writer, path, seen(), 7);
    expect(preconditions().map(({ resourceVersion }) => resourceVersion)).toEqual(["5", "6"]);
  });

  it("leaves alone what a newer holder has written, seen at once or in between", async () => {
    await expect(remove(writer, path, seen("5", "8"), 7)).rejects.toBeInstanceOf(LeaseLost);
    expect(server.requests).toEqual([]);
    since(seen("6", "8"));
    await expect(remove(writer, path, seen(), 7)).rejects.toBeInstanceOf(LeaseLost);
    expect(preconditions()).toHaveLength(1);
  });

  it.each([
    ["gone", undefined],
    ["another one of the same name", seen("6", "7", "uid-2")],
    ["on its way out", { metadata: { ...seen("6").metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } }],
  ])("leaves it at that where it is meanwhile %s", async (_, now) => {
    since(now);
    await remove(writer, path, seen(), 7);
    expect(preconditions()).toHaveLength(1);
  });

  it("does not fight forever", async () => {
    let version = 5;
    server.answer = ({ method }, response) => {
      version += 1;
      if (method === "GET") sendJson(response, 200, seen(String(version)));
      else sendStatus(response, 409, "always");
    };
    await expect(remove(writer, path, seen(), 7)).rejects.toThrow("always");
    expect(preconditions()).toHaveLength(6);
  });
});

describe("readIfThere", () => {
  it("tells nothing from an error", async () => {
    server.answer = (_request, response) => sendStatus(response, 404);
    await expect(readIfThere(writer, "/x")).resolves.toBeUndefined();
    server.answer = (_request, response) => sendStatus(response, 403, "no");
    await expect(readIfThere(writer, "/x")).rejects.toThrow("no");
  });
});
