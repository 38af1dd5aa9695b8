import { BlockList, isIP } from "node:net";

/**
 * What a box may never reach, whatever is configured: this host, link-local addresses with a cloud's metadata service
 * (Hetzner's serves the cluster's join token to any caller), multicast, and IPv6 spellings of IPv4 addresses.
 */
const NEVER = [
  "0.0.0.0/8",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "224.0.0.0/3",
  "::/127",
  "::ffff:0:0/96",
  "64:ff9b::/96",
  "fd00:ec2::254/128",
  "fe80::/10",
  "ff00::/8",
];

/** The ranges of other boxes, nodes and the cluster's services. */
const PRIVATE = ["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];

/** The widest ranges that providers publish for their edges are /12 and /29; wider is not a destination but the internet. */
const WIDEST = { 4: 12, 6: 28 } as const;

/** Why a range (CIDR) can't be a destination of boxes; null if it can. */
export function rangeProblem(cidr: string): string | null {
  const { family, prefix } = parse(cidr);
  if (prefix < WIDEST[family]) return `must be /${WIDEST[family]} or narrower`;
  if (NEVER.some((range) => overlap(range, cidr)))
    return "must not contain loopback, link-local (the metadata service) or multicast addresses";
  const isOneAddress = prefix === (family === 4 ? 32 : 128);
  if (!isOneAddress && PRIVATE.some((range) => overlap(range, cidr)))
    return "is in a private network, where nodes and neighbours live: name single addresses (/32 or /128)";
  return null;
}

/** Two ranges overlap where one holds the other's first address. */
const overlap = (a: string, b: string): boolean => holds(a, parse(b).address) || holds(b, parse(a).address);

function holds(range: string, address: string): boolean {
  const { address: start, prefix, family } = parse(range);
  if (isIP(address) !== family) return false;
  const list = new BlockList();
  list.addSubnet(start, prefix, family === 4 ? "ipv4" : "ipv6");
  return list.check(address, family === 4 ? "ipv4" : "ipv6");
}

function parse(cidr: string): { address: string; prefix: number; family: 4 | 6 } {
  const [address = "", prefix = ""] = cidr.split("/");
  return { address, prefix: Number(prefix), family: isIP(address) === 6 ? 6 : 4 };
}
