import { getConnInfo } from "@hono/node-server/conninfo";
import type { Context } from "hono";

/** The publisher's address; this machine's own where the app is called without a socket. */
export function callerIp(context: Context): string {
  try {
    return getConnInfo(context).remote.address ?? "127.0.0.1";
  } catch {
    return "127.0.0.1";
  }
}

/**
 * What comes after `marker` in the address, query included, as it was sent: a destination must not be decoded, it is
 * what the signature is made for.
 */
export function rawAfter(context: Context, marker: string): string {
  const { pathname, search } = new URL(context.req.url);
  const address = pathname + search;
  return address.slice(address.indexOf(marker) + marker.length);
}

export const queryOf = (context: Context): URLSearchParams => new URL(context.req.url).searchParams;

export const bodyBase64 = async (context: Context): Promise<string> =>
  Buffer.from(await context.req.arrayBuffer()).toString("base64");
