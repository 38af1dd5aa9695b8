import { randomBytes } from "node:crypto";
import type { StateOrder } from "#schema/contracts/state-transfer.ts";

/** An order as the fleet-agent writes it, with what a test cares about replaced. */
export function exampleOrder(changes: Partial<StateOrder> = {}): StateOrder {
  const kind = changes.kind ?? "backup";
  return {
    kind,
    order_id: "5b4f2a6e-06d6-4a5c-8f0e-6d1f8f6b1c01",
    fence: 3,
    backup_id: "0d6e7f1c-8a55-4a6f-9d57-2f5b1a1f3c11",
    url: "https://edge.example/fleet/transfers/5b4f2a6e-06d6-4a5c-8f0e-6d1f8f6b1c01",
    token: "transfer-secret",
    key: randomBytes(32).toString("base64"),
    timeout_seconds: 60,
    required: false,
    manifest:
      kind === "backup"
        ? null
        : {
            format: 1,
            openclaw: "2026.9.6",
            files: 1,
            plain_bytes: 10_240,
            sha256: "0".repeat(64),
            parts: [{ bytes: 100, sha256: "0".repeat(64) }],
          },
    ...changes,
  };
}
