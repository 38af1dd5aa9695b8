/** A backup or restore that can't be carried out, in words for people: no path or content of the box in them. */
export class StateError extends Error {
  override readonly name = "StateError";
  /** Whether another attempt may go better. */
  readonly retryable: boolean;

  constructor(message: string, retryable: boolean, cause?: unknown) {
    super(message, { cause });
    this.retryable = retryable;
  }
}
