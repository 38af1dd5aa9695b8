/** One sweep's turn in a minute, as its items' verbs see it. */
export interface SweepTurn {
  readonly sweep: string;
  /** Items, or whole sweeps, that threw. */
  failed: number;
}
