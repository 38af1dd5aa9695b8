import { connect } from "node:net";

/** A TCP address. IPv6 without brackets. */
export interface Address {
  host: string;
  port: number;
}

/** Where an http or https URL leads. */
export function addressOf(url: string): Address {
  const { protocol, hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || (protocol === "http:" ? 80 : 443) };
}

/** Whether a TCP connection comes about; false when it is refused, or when `signal` aborts first. Sends nothing; never throws. */
export function probe({ host, port }: Address, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const socket = connect({ host, port });
    const end = (connected: boolean) => {
      signal.removeEventListener("abort", onAbort);
      socket.destroy();
      resolve(connected);
    };
    const onAbort = () => end(false);
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("connect", () => end(true));
    // Keep the listener: a destroyed socket may still emit an error.
    socket.on("error", () => end(false));
  });
}
