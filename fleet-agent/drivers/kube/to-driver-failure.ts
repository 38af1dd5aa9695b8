import { DriverFailure } from "../driver.ts";
import { KubeError } from "./kube-error.ts";

/** The API server's refusal as a message for operators; other errors unchanged. */
export function toDriverFailure(error: unknown): unknown {
  if (!(error instanceof KubeError)) return error;
  const detail = error.message.slice(0, 800);
  if (error.status === 403 && detail.includes("exceeded quota")) {
    return new DriverFailure(
      { code: "quota", message: `The box's quota has no room: ${detail}`, retryable: true },
      error,
    );
  }
  if (error.status === 401 || error.status === 403 || error.status === 422) {
    return new DriverFailure(
      { code: "forbidden", message: `The cluster refuses this: ${detail}`, retryable: false },
      error,
    );
  }
  const message = `The cluster's API server failed (${error.status} ${error.reason}): ${detail}`;
  return new DriverFailure({ code: "internal", message, retryable: true }, error);
}
