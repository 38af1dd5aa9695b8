import { EdgeError } from "#cluster/system/call-edge.ts";
import type { Failure } from "#schema/contracts/fleet.ts";
import { DriverFailure } from "../../drivers/driver.ts";

/**
 * Any error as the failure that people read. Only texts that were written for people pass: an unexpected error's
 * own message may quote anything, so it stays in the agent's log.
 */
export function toFailure(error: unknown): Failure {
  if (error instanceof DriverFailure) return error.failure;
  if (error instanceof EdgeError) {
    const message = `The agent could not ask the edge what the box should be (${error.status} ${error.code}).`;
    return { code: "internal", message, retryable: error.mayPass };
  }
  const message = "The agent met an unexpected error; its log has the details under this job's id.";
  return { code: "internal", message, retryable: true };
}
