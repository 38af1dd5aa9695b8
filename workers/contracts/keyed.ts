/** A request with an `Idempotency-Key`. */
export interface Keyed {
  /** The caller's name in the audit log: two callers' keys are separate. */
  owner: string;
  key: string;
  /** SHA-256 of method, path and body, hex. */
  requestHash: string;
  /** It has had its effect already: only the answer is repeated. */
  isDone: boolean;
}
