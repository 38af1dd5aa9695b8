import { describe, expect, it } from "vitest";
import { isFencedOff, KubeError, mayPass } from "./kube-error.ts";
import { toDriverFailure } from "./to-driver-failure.ts";

const error = (status: number, message = "", retryAfter?: number) =>
  new KubeError(status, "Reason", message, retryAfter);

describe("mayPass", () => {
  it("tries again what is busy, in conflict or broken, and what gave no answer", () => {
    for (const status of [408, 409, 429, 500, 503]) expect(mayPass(error(status)), String(status)).toBe(true);
    expect(mayPass(Object.assign(new Error("reset"), { code: "ECONNRESET" }))).toBe(true);
    expect(mayPass(new SyntaxError("Unexpected end of JSON input"))).toBe(true);
    expect(mayPass(Object.assign(new Error("late"), { code: "UND_ERR_HEADERS_TIMEOUT" }))).toBe(true);
  });

  it("waits as long as the server asks", () => {
    expect(mayPass(error(429, "", 3_000))).toBe(3_000);
  });

  it("does not repeat what is wrong or refused", () => {
    for (const status of [400, 401, 403, 404, 422]) expect(mayPass(error(status)), String(status)).toBe(false);
    expect(mayPass(new TypeError("a mistake of ours"))).toBe(false);
  });

  it("waits for a quota that is new", () => {
    expect(mayPass(error(403, "forbidden: status unknown for quota: gateway"))).toBe(true);
  });
});

describe("KubeError.parse", () => {
  it("reads the server's Status, and survives anything else", () => {
    const status = JSON.stringify({
      kind: "Status",
      message: "no",
      reason: "Forbidden",
      details: { retryAfterSeconds: 2 },
    });
    expect(KubeError.parse(403, undefined, status)).toMatchObject({
      status: 403,
      reason: "Forbidden",
      message: "no",
      retryAfterMs: 2_000,
    });
    expect(KubeError.parse(502, "1", "<html>")).toMatchObject({ status: 502, reason: "Unknown", retryAfterMs: 1_000 });
  });
});

it("knows the admission policy's refusal of an old fence from other refusals", () => {
  expect(isFencedOff(error(403, "denied request: fleet/fence 4 is older than the stored 5"))).toBe(true);
  expect(isFencedOff(error(403, "denied request: no"))).toBe(false);
  expect(isFencedOff(error(500, "fleet/fence"))).toBe(false);
});

describe("toDriverFailure", () => {
  it("puts refusals into words", () => {
    expect(toDriverFailure(error(403, "exceeded quota: pods"))).toMatchObject({ failure: { code: "quota" } });
    expect(toDriverFailure(error(403, "violates PodSecurity"))).toMatchObject({
      failure: { code: "forbidden", retryable: false },
    });
    expect(toDriverFailure(error(503, "etcd"))).toMatchObject({ failure: { code: "cluster_failed", retryable: true } });
  });

  it("leaves other errors alone", () => {
    const other = new Error("other");
    expect(toDriverFailure(other)).toBe(other);
  });
});
