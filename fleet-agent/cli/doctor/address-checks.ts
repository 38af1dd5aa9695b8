import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import type { ClusterSettings, Destination } from "../../config/cluster-settings.ts";
import { type Finding, ok, warn } from "./finding.ts";

/**
 * Whether boxes may reach what they need: the edge and Telegram must resolve to allowed addresses. Resolved on
 * this machine; a box may get other addresses.
 */
export async function addressChecks(edgeUrl: string, { edge, telegram }: ClusterSettings): Promise<Finding[]> {
  const { hostname, port, protocol } = new URL(edgeUrl);
  const edgePort = Number(port) || (protocol === "https:" ? 443 : 80);
  return Promise.all([
    within("edge within EDGE_CIDRS", hostname, edgePort, edge),
    within("Telegram within TELEGRAM_CIDRS", "api.telegram.org", 443, telegram),
  ]);
}

async function within(check: string, host: string, port: number, allowed: readonly Destination[]): Promise<Finding> {
  let addresses: string[];
  try {
    addresses = (await lookup(host.replace(/^\[|\]$/g, ""), { all: true })).map(({ address }) => address);
  } catch {
    return warn(
      check,
      `${host} has no address on this machine`,
      "Boxes must be able to resolve it by the cluster's resolver.",
    );
  }
  const outside = addresses.filter((address) => !isAllowed(address, port, allowed));
  if (outside.length === 0) return ok(check, `${host}: ${addresses.join(", ")}`);
  const places = outside.map((address) => (isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`));
  const detail = `${host} is at ${places.join(", ")}, where boxes may not go`;
  return warn(check, detail, "Boxes can't connect to this address: add the missing ranges or ports.");
}

/** Pure: whether a box's policy lets it to this address and port. */
export function isAllowed(address: string, port: number, allowed: readonly Destination[]): boolean {
  return allowed.some(
    (destination) =>
      destination.port === port &&
      holds([destination.cidr], address) &&
      !(destination.except.length > 0 && holds(destination.except, address)),
  );
}

function holds(ranges: readonly string[], address: string): boolean {
  const family = (text: string) => (isIP(text) === 6 ? "ipv6" : "ipv4");
  const list = new BlockList();
  for (const range of ranges) {
    const [start = "", prefix = ""] = range.split("/");
    list.addSubnet(start, Number(prefix), family(start));
  }
  return list.check(address, family(address));
}
