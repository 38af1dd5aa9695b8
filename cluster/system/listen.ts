import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Listening {
  port: number;
  /** Ends open connections, too. */
  close(): void;
}

/** Opens the server on `port`, 0 for a free one; rejects when it can't have it. */
export async function listen(server: Server, port: number, host: string): Promise<Listening> {
  server.listen(port, host);
  await once(server, "listening");
  return {
    port: portOf(server),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A server that listens on TCP has an address; Node's type also covers pipes. */
const portOf = (server: Server): number => (server.address() as AddressInfo).port;
