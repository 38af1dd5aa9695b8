import type { BackupReason } from "#schema/domain/reasons/catalogue.ts";

/** A failed backup or restore, with a message for operators without paths or content of the box. */
export class StateError extends Error {
  override readonly name = "StateError";
  readonly code: BackupReason;

  constructor(message: string, code: BackupReason, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
