/** Something that stands between client and provider, or nothing at all. */
export interface Candidate {
  /** Where chat completions are asked for. */
  url: string;
  /** The root of its process tree; absent for `direct`. */
  pid?: number;
  /** What each customer sends; requests take turns. */
  headers: Record<string, string>[];
  model: string;
  /** After a turn: waits until the work that goes on behind the answers is done. */
  rest?(): Promise<void>;
  stop(): Promise<void>;
}

export const CANDIDATE_NAMES = ["direct", "bare", "ours", "litellm", "portkey", "tensorzero"] as const;
export type CandidateName = (typeof CANDIDATE_NAMES)[number];
