import type { Hono } from "hono";

/** A local stand-in for a cloud service, with the same protocol, so that the vendor's own client works unchanged. */
export interface StandIn {
  app: Hono;
  /** Releases its resources. Its server is separate: close that first. */
  close(): Promise<void>;
}
