import { BlockList, isIP } from "node:net";

const PRIVATE = new BlockList();
for (const [address, prefix] of [
  ["10.0.0.0", 8],
  ["127.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["100.64.0.0", 10],
] as const) {
  PRIVATE.addSubnet(address, prefix, "ipv4");
}
PRIVATE.addAddress("::1", "ipv6");
PRIVATE.addSubnet("fc00::", 7, "ipv6");

/** Names that only a private network resolves. */
const PRIVATE_NAME = /(^|\.)localhost$|^[^.]+$|\.(svc|local|internal)$/;

/** Whether a URL points into a private network: OpenClaw refuses such a Bot API root unless it is told to trust it. */
export function isPrivate(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, "");
  const family = isIP(host);
  return family === 0 ? PRIVATE_NAME.test(host) : PRIVATE.check(host, family === 6 ? "ipv6" : "ipv4");
}
