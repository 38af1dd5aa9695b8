import { Hello } from "#schema/contracts/fleet.ts";

const MAX_MESSAGE = 256 * 1024;

/** An agent's message on its socket; undefined if invalid. */
export function parseHello(text: string | ArrayBuffer): Hello | undefined {
  if (typeof text !== "string" || text.length > MAX_MESSAGE) return undefined;
  try {
    return Hello.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
