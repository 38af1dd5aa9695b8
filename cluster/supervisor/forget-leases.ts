import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { log } from "./log.ts";

/**
 * In which OpenClaw notes who works in a state folder. It takes such a row from a process of its own host that is gone;
 * one of another host stands for five minutes after its last sign, and until then the gateway exits with 1.
 */
const LEASES = ["state_leases", "agent_database_leases"];
const BUSY_MS = 5_000;

/**
 * Forgets who worked in the state folder before: a pod that was killed outright, or the one that a backup was made in,
 * both of another host name. Only for a folder that no gateway runs in. Where one does nevertheless, OpenClaw's lock on
 * the file, which this leaves alone, still keeps the second one out.
 */
export function forgetLeases(openclawState: string): void {
  const file = join(openclawState, "state", "openclaw.sqlite");
  if (!existsSync(file)) return;
  try {
    const forgotten = removeLeases(file);
    if (forgotten > 0) log("leases_forgotten", { rows: forgotten });
  } catch (error) {
    // OpenClaw will report the same problem better.
    log("leases_not_forgotten", { reason: error instanceof Error ? error.message : "unknown" });
  }
}

function removeLeases(file: string): number {
  const database = new DatabaseSync(file, { timeout: BUSY_MS });
  try {
    const isThere = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?");
    const there = LEASES.filter((table) => isThere.get(table) !== undefined);
    return there.reduce((sum, table) => sum + Number(database.prepare(`DELETE FROM ${table}`).run().changes), 0);
  } finally {
    database.close();
  }
}
