import type { ReasonCode } from "#schema/domain/reasons/catalogue.ts";
import { DriverFailure, failureOf } from "../driver.ts";
import { KubeError } from "./kube-error.ts";

/** The API server's refusal as a message for operators; other errors unchanged. */
export function toDriverFailure(error: unknown): unknown {
  if (!(error instanceof KubeError)) return error;
  const { status, reason } = error;
  const detail = error.message.slice(0, 800);
  const failed = (code: ReasonCode, what: string) => new DriverFailure(failureOf(code, `${what}: ${detail}`), error);
  if (status === 403 && detail.includes("exceeded quota")) return failed("quota", "The box's quota has no room");
  if (status === 401 || status === 403 || status === 422) return failed("forbidden", "The cluster refuses this");
  return failed("cluster_failed", `The cluster's API server failed (${status} ${reason})`);
}
