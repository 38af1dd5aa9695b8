import type { Notice, UsageEvent } from "../../contracts/meter.ts";
import type { MeterSnapshot } from "./snapshot.ts";

/** The meter's side of Postgres. */
export interface Books {
  /** How long an event waits for others to share its statement, milliseconds. */
  gatherMs(): number;
  /** The customer's rows as they are now; undefined for a customer that does not exist. */
  load(customerId: string): Promise<MeterSnapshot | undefined>;
  /** Writes the events into the ledger; those that are there already change nothing. */
  record(events: readonly UsageEvent[]): Promise<void>;
  /** Writes down that nine tenths are used, once a period, for whoever tells the customer. */
  announce(notice: Notice): Promise<void>;
}
