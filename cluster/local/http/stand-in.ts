import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Hono } from "hono";

/** Takes over a connection that asked for an upgrade. False: not mine, ask the next one. */
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean;

/**
 * A cloud service as this machine can run it: the same protocol, so that the vendor's own client talks to it
 * unchanged. Paths in `app` and `upgrade` are relative to wherever it is mounted.
 */
export interface StandIn {
  app: Hono;
  upgrade?: Upgrade;
  /** Lets go of everything it holds. Serving it is somebody else's: close the server first. */
  close(): Promise<void>;
}
