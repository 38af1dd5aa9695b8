import type { Ask, Usage } from "./ask.ts";

/** One request as the model saw it. */
export interface ModelRequest {
  path: string;
  model: string;
  stream: boolean;
  /** What was really read and written; of a stream that ended early, what was sent until then. */
  usage: Usage;
  userText: string;
  /** ISO 8601 */
  at: string;
  /** `aborted`: the client left; `cut`: a planned fault; `running`: not over yet. */
  outcome: "running" | "done" | "aborted" | "cut";
}

export interface Totals extends Usage {
  requests: number;
}

/** Remembers requests, for tests to compare a ledger with. */
export interface Recorder {
  begin(
    path: string,
    ask: Pick<Ask, "model" | "stream" | "userText">,
    input: Pick<Usage, "input" | "cached">,
  ): ModelRequest;
  requests(): ModelRequest[];
  totals(): Totals;
}

export function createRecorder(now: () => Date): Recorder {
  const seen: ModelRequest[] = [];
  return {
    begin(path, { model, stream, userText }, { input, cached }) {
      const usage = { input, cached, output: 0 };
      const request: ModelRequest = {
        path,
        model,
        stream,
        userText,
        usage,
        at: now().toISOString(),
        outcome: "running",
      };
      seen.push(request);
      return request;
    },
    requests: () => structuredClone(seen),
    totals() {
      const totals: Totals = { requests: seen.length, input: 0, cached: 0, output: 0 };
      for (const { usage } of seen) {
        totals.input += usage.input;
        totals.cached += usage.cached;
        totals.output += usage.output;
      }
      return totals;
    },
  };
}
