import type { Hono } from "hono";

/** A cloud service as this machine can run it: the same protocol, so that the vendor's own client talks to it unchanged. */
export interface StandIn {
  app: Hono;
  /** Lets go of everything it holds. Serving it is somebody else's: close the server first. */
  close(): Promise<void>;
}
