import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Listening {
  port: number;
  /** `http://127.0.0.1:8080` */
  url: string;
  /** Also closes open connections; resolves when the port is free again. */
  close(): Promise<void>;
}

/** Opens the server on `port`, 0 for a free one; rejects if it can't. Without a host: on all addresses. */
export async function listen(server: Server, port: number, host?: string): Promise<Listening> {
  server.listen(port, host);
  await once(server, "listening");
  // A server that listens on TCP has an address; Node's type also covers pipes.
  const { port: taken, address, family } = server.address() as AddressInfo;
  return {
    port: taken,
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${taken}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
