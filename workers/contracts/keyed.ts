/** A request with an `Idempotency-Key`. */
export interface Keyed {
  /** Who asks, as the audit log names them: keys of two callers never meet. */
  owner: string;
  key: string;
  /** SHA-256 of method, path and body, hex. */
  requestHash: string;
  /** Its effect stands already: there is only the answer to give again. */
  isDone: boolean;
}
