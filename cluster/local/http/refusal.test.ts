import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { refusalOf } from "./refusal.ts";

const statusOf = (headers: IncomingMessage["headers"], localAddress = "127.0.0.1", listensOn = localAddress) =>
  refusalOf({ headers, socket: { localAddress, localPort: 8788 } as IncomingMessage["socket"] }, listensOn)?.status;

test.each([
  ["127.0.0.1:8788", "127.0.0.1"],
  ["LOCALHOST:8788", "127.0.0.1"],
  ["localhost:8788", "::1"],
  ["10.1.2.3:8788", "10.1.2.3"],
  ["[FD00::5]:8788", "fd00::5"],
  ["box.lan:8788", "10.1.2.3", "box.lan"],
  ["10.1.2.3:8788", "10.1.2.3", "0.0.0.0"],
])("host %s is ours at %s", (host, address, listensOn?: string) => {
  expect(statusOf({ host }, address, listensOn)).toBeUndefined();
});

test.each([
  ["", "127.0.0.1"],
  ["evil.example:8788", "127.0.0.1"],
  ["127.0.0.1", "127.0.0.1"],
  ["127.0.0.1:8787", "127.0.0.1"],
  ["127.0.0.1:8788.evil.example", "127.0.0.1"],
  ["localhost.evil.example:8788", "127.0.0.1"],
  ["localhost:8788", "10.1.2.3"],
  ["127.0.0.1:8788", "10.1.2.3"],
])("host %j is not, at %s", (host, address) => expect(statusOf({ host }, address)).toBe(421));

test.each([
  "http://127.0.0.1:8787",
  "https://127.0.0.1:8788",
  "http://evil.example",
  "http://localhost:8788",
  "null",
  "",
])("origin %j may not ask", (origin) => expect(statusOf({ host: "127.0.0.1:8788", origin })).toBe(403));

test("without a host nobody may ask; without an origin, and with our own, a program and our pages may", () => {
  expect(statusOf({})).toBe(421);
  expect(statusOf({ host: "localhost:8788" })).toBeUndefined();
  expect(statusOf({ host: "localhost:8788", origin: "http://localhost:8788" })).toBeUndefined();
});
