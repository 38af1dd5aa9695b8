/** One sweep's turn in a minute, as its verbs see it. */
export interface SweepTurn {
  readonly sweep: string;
  /** The minute's number: lists begin at another place each minute. */
  readonly minute: number;
  /** Items, or whole sweeps, that threw. */
  failed: number;
  /** Items that were left to the next minute. */
  postponed: number;
  /** Subrequests that it may still make. */
  left: number;
}
