import type { Duplex } from "node:stream";
import type { PoolConfig } from "pg";

/** The PostgreSQL behind the stand-in. */
export interface Backend {
  /** A new connection that speaks the wire protocol, from its first byte on. */
  connect(): Duplex;
  /** How a `pg` pool reaches it. */
  pool: PoolConfig;
  close(): Promise<void>;
}
