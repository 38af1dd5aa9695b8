import type { IncomingMessage } from "node:http";

export interface Refusal {
  status: 421 | 403;
  reason: string;
}

/**
 * Whether a request comes from a page of another site. Such a page can make a browser ask this machine: under a name
 * of its own that leads here (DNS rebinding), which Host tells, or openly, which Origin tells.
 * @param listensOn the address or name that the server was told to listen on
 */
export function refusalOf(
  { headers, socket }: Pick<IncomingMessage, "headers" | "socket">,
  listensOn: string,
): Refusal | undefined {
  const { localAddress = "", localPort } = socket;
  const names = [listensOn, localAddress, ...(LOOPBACK.test(localAddress) ? ["localhost"] : [])];
  const ours = names.map((name) => `${bracketed(name)}:${localPort}`.toLowerCase());
  const host = headers.host?.toLowerCase();
  if (!host || !ours.includes(host)) return { status: 421, reason: `this server is http://${ours[0]}` };
  if (headers.origin !== undefined && headers.origin !== `http://${host}`) {
    return { status: 403, reason: "requests from other sites' pages are refused" };
  }
  return undefined;
}

export const LOOPBACK = /^(127\.|localhost$|::1$)/;

/** An address as a URL has it. */
export const bracketed = (host: string): string => (host.includes(":") ? `[${host}]` : host);
