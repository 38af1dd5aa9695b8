/** A failed backup or restore, with a message for operators without paths or content of the box. */
export class StateError extends Error {
  override readonly name = "StateError";
  /** Whether a retry may succeed. */
  readonly retryable: boolean;

  constructor(message: string, retryable: boolean, cause?: unknown) {
    super(message, { cause });
    this.retryable = retryable;
  }
}
