import { EdgeError } from "#cluster/system/call-edge.ts";
import { type BoxFailure, DriverFailure, failureOf } from "../../drivers/driver.ts";

const isFull = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOSPC";

/**
 * Any error as a failure that operators read. An unexpected error's message may quote anything, so it stays in the
 * agent's log.
 */
export function toFailure(error: unknown): BoxFailure {
  if (error instanceof DriverFailure) return error.failure;
  if (error instanceof EdgeError) {
    const message = `The agent could not fetch the desired state from the edge (${error.status} ${error.code}).`;
    return failureOf(error.mayPass ? "edge_unreachable" : "edge_refused", message);
  }
  if (isFull(error)) return failureOf("disk_full", "The disk of the fleet-agent's machine is full (ENOSPC).");
  const message = "An unexpected error in the fleet-agent; its log has the details under this job's id.";
  return failureOf("internal", message);
}
