/** Which publishes are the same message. Source: docs "deduplication". */
import { createHash } from "node:crypto";
import type { Clock } from "./clock.ts";
import type { Settings } from "./message.ts";
import type { Table } from "./store.ts";

/** The docs say ten minutes; newer threads quote more. Nobody should rely on either. */
export const DEDUPLICATION_WINDOW = 10 * 60_000;

export interface Seen {
  messageId: string;
  until: number;
}

export interface Deduplicator {
  /** The message that the key stands for, if it was published within the window. */
  find(key: string): string | undefined;
  remember(key: string, messageId: string): void;
}

export function createDeduplicator(table: Table<Seen>, clock: Clock): Deduplicator {
  const forgetOld = () => {
    // Entries are in the order of their expiry: all windows are equally long.
    for (const [key, seen] of table.entries()) {
      if (seen.until > clock.now()) return;
      table.delete(key);
    }
  };
  return {
    find(key) {
      forgetOld();
      return table.get(key)?.messageId;
    },
    remember: (key, messageId) => table.set(key, { messageId, until: clock.now() + DEDUPLICATION_WINDOW }),
  };
}

/** Hash of destination, body, Content-Type and forwarded headers. */
export function contentKey(destination: string, bodyBase64: string, settings: Settings): string {
  const header = Object.entries(settings.header).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([destination, bodyBase64, header]))
    .digest("base64url");
}
