import { describe, expect, it } from "vitest";
import { isAllowed } from "./address-checks.ts";
import { judgeClock } from "./edge-checks.ts";
import { isSame } from "./image-check.ts";

const NOW = Date.parse("2026-11-23T12:00:00Z");

it.each([
  [0, "ok"],
  [4, "ok"],
  [-6, "warn"],
  [29, "warn"],
  [30, "fail"],
  [-600, "fail"],
])("a clock that is %d s off is %s", (seconds, status) => {
  expect(judgeClock(new Date(NOW + seconds * 1_000).toUTCString(), NOW).status).toBe(status);
});

it("can't judge a clock without a date", () => expect(judgeClock(null, NOW).status).toBe("warn"));

describe("an address that boxes may go to", () => {
  const allowed = [
    { cidr: "203.0.113.0/24", except: ["203.0.113.9/32"], port: 443 },
    { cidr: "2001:db8::/32", except: [], port: 443 },
  ];
  it.each([
    ["203.0.113.1", 443, true],
    ["203.0.113.1", 80, false],
    ["203.0.113.9", 443, false],
    ["198.51.100.1", 443, false],
    ["2001:db8::1", 443, true],
    ["2001:db9::1", 443, false],
  ])("%s:%d %s", (address, port, is) => expect(isAllowed(address, port, allowed)).toBe(is));
});

describe("an image on a node", () => {
  const digest = `@sha256:${"a".repeat(64)}`;
  it.each([
    [`r.example/gateway${digest}`, `r.example/gateway${digest}`, true],
    [`r.example/gateway${digest}`, `r.example/gateway:v1${digest}`, true],
    [`r.example/other${digest}`, `r.example/gateway${digest}`, false],
    ["docker.io/library/gateway:v1", "gateway:v1", true],
    ["docker.io/library/gateway:latest", "gateway", true],
    ["r.example/gateway:v2", "r.example/gateway:v1", false],
  ])("%s for %s: %s", (onNode, wanted, is) => expect(isSame(onNode, wanted)).toBe(is));
});
