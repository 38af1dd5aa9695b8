import { createServer } from "node:net";

/** A port that nobody listens on now; for a program that has to know its port before it listens. */
export const freePort = (host = "127.0.0.1"): Promise<number> => tryPort(host, 0);

/** Listens for a moment. @returns the port, a free one for 0 @throws the system's error where it can't be had */
export function tryPort(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(port, host, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
