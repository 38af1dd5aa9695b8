import { EdgeError } from "#cluster/system/call-edge.ts";
import type { Failure } from "#schema/contracts/fleet.ts";
import { DriverFailure } from "../../drivers/driver.ts";

/**
 * Any error as a failure that operators read. An unexpected error's message may quote anything, so it stays in the
 * agent's log.
 */
export function toFailure(error: unknown): Failure {
  if (error instanceof DriverFailure) return error.failure;
  if (error instanceof EdgeError) {
    const message = `The agent could not fetch the desired state from the edge (${error.status} ${error.code}).`;
    return { code: "internal", message, retryable: error.mayPass };
  }
  const message = "An unexpected error in the fleet-agent; its log has the details under this job's id.";
  return { code: "internal", message, retryable: true };
}
