/** The reason that a box's supervisor leaves when it ends (Kubernetes' termination message), for the fleet-agent. */
import { type ReasonCode, toReasonCode } from "#schema/domain/reasons/catalogue.ts";

export interface LeftReason {
  code: ReasonCode;
  words: string;
}

export const leftReason = ({ code, words }: LeftReason): string => `${code}: ${words}`;

/** Undefined for any other text: an older supervisor's, or that of a program that can't be started. */
export function readLeftReason(text: string): LeftReason | undefined {
  const [, name = "", words = ""] = /^([a-z_]+): (.+)$/s.exec(text.trim()) ?? [];
  const code = toReasonCode(name);
  return code === "unknown" ? undefined : { code, words };
}
