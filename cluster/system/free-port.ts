import { createServer } from "node:http";
import { listen } from "./listen.ts";

/**
 * Ports that nobody listens on now, no two the same; for programs that have to know theirs before they listen. Somebody
 * may take one in between.
 */
export async function freePorts(count: number, host = "127.0.0.1"): Promise<number[]> {
  const held = await Promise.all(Array.from({ length: count }, () => listen(createServer(), 0, host)));
  await Promise.all(held.map(({ close }) => close()));
  return held.map(({ port }) => port);
}

export const freePort = async (host?: string): Promise<number> => (await freePorts(1, host))[0] ?? 0;

/** @throws the system's error if the port can't be used */
export const tryPort = async (host: string, port: number): Promise<void> =>
  (await listen(createServer(), port, host)).close();
