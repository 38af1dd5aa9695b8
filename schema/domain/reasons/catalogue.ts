/** The one catalogue of why a box or a job is not as it should be. docs/10-reasons.md is generated from it. */
import { BACKUP_REASONS } from "./backup.ts";
import { CHANNEL_REASONS } from "./channel.ts";
import { GATEWAY_REASONS } from "./gateway.ts";
import { MODEL_REASONS } from "./model.ts";
import { PLACE_REASONS } from "./place.ts";
import type { Reason } from "./reason.ts";
import { WORK_REASONS } from "./work.ts";

const CATALOGUE = {
  ...CHANNEL_REASONS,
  ...GATEWAY_REASONS,
  ...BACKUP_REASONS,
  ...PLACE_REASONS,
  ...MODEL_REASONS,
  ...WORK_REASONS,
} as const satisfies Record<string, Reason>;

export type ReasonCode = keyof typeof CATALOGUE;
export type BackupReason = keyof typeof BACKUP_REASONS;
export const REASONS: Readonly<Record<ReasonCode, Reason>> = CATALOGUE;
export const REASON_CODES = Object.keys(CATALOGUE) as ReasonCode[];

/** What a code from the wire or the database means: a newer program may write one that this one does not know. */
export const toReasonCode = (code: string | null): ReasonCode =>
  code !== null && Object.hasOwn(CATALOGUE, code) ? (code as ReasonCode) : "unknown";

/** What a new start may mend. */
export const RESTARTED: readonly ReasonCode[] = REASON_CODES.filter((code) => REASONS[code].itself === "restart");

/** The box goes on with the memory that it has. */
export const isOfBackup = (code: string): boolean => Object.hasOwn(BACKUP_REASONS, code);

/** What an operator reads beside a message: what its code means and what to do; null for no code, or another program's. */
export function adviceOn(code: string | null): { means: string; todo: string } | null {
  const known = toReasonCode(code);
  if (code === null || known !== code) return null;
  const { means, todo, runbook } = REASONS[known];
  return { means, todo: runbook === null ? todo : `${todo} (docs/runbooks/${runbook}.md)` };
}
