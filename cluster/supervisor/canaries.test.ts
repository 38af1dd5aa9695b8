import { expect, test } from "vitest";
import { inWords, readCanaries } from "./canaries.ts";
import { addressOf } from "./probe.ts";

const POD = {
  EGRESS_GATE: "on",
  KUBERNETES_SERVICE_HOST: "10.43.0.1",
  KUBERNETES_SERVICE_PORT: "443",
  NODE_IPS: "192.0.2.7,2001:db8::7",
};

test("in a pod: the API server, the node by each of its addresses, the metadata service", () => {
  const problems: string[] = [];
  expect(readCanaries(POD, problems)?.map(inWords)).toEqual([
    "the API server (10.43.0.1:443)",
    "the node's kubelet (192.0.2.7:10250)",
    "the node's kubelet ([2001:db8::7]:10250)",
    "the metadata service (169.254.169.254:80)",
  ]);
  expect(problems).toEqual([]);
});

test("off, and elsewhere than in a pod, there is nothing to wait for", () => {
  const problems: string[] = [];
  expect(readCanaries({ ...POD, EGRESS_GATE: "off" }, problems)).toBeNull();
  expect(readCanaries({}, problems)).toBeNull();
  expect(problems).toEqual([]);
});

test("a gate that could not tell anything is refused, not opened", () => {
  const problems: string[] = [];
  expect(readCanaries({ EGRESS_GATE: "on", NODE_IPS: "not an address" }, problems)).not.toBeNull();
  expect(readCanaries({ ...POD, EGRESS_GATE: "true" }, problems)).not.toBeNull();
  expect(problems).toEqual([
    "EGRESS_GATE is on, but KUBERNETES_SERVICE_HOST and NODE_IPS are missing",
    "EGRESS_GATE must be on or off",
  ]);
});

test.each([
  ["https://edge.example/v1", { host: "edge.example", port: 443 }],
  ["http://10.1.2.3:8787/v1", { host: "10.1.2.3", port: 8_787 }],
  ["https://[2001:db8::1]:8443/v1", { host: "2001:db8::1", port: 8_443 }],
  ["http://edge.internal/v1", { host: "edge.internal", port: 80 }],
])("%s leads to an address", (url, address) => {
  expect(addressOf(url)).toEqual(address);
});
