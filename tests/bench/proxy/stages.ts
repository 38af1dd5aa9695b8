/** What is asked for in each stage, and one turn of a candidate at it. */
import type { Candidate } from "./candidate.ts";
import type { Child } from "./child.ts";
import { type StageName, type Turn, turnOf } from "./figures.ts";
import { runLoad, type Target } from "./load-tool.ts";
import { treeUse } from "./process-tree.ts";

export const STAGES: Record<StageName, { connections: number; stream: boolean; words: string }> = {
  json_1: { connections: 1, stream: false, words: "JSON, 1 connection" },
  json_32: { connections: 32, stream: false, words: "JSON, 32 connections" },
  stream_1: { connections: 1, stream: true, words: "streams, 1 connection" },
  stream_32: { connections: 32, stream: true, words: "streams, 32 connections" },
  stream_128: { connections: 128, stream: true, words: "streams, 128 connections" },
};
export const STAGE_NAMES = Object.keys(STAGES) as StageName[];

/** The mock streams 50 chunks and [DONE]; a gateway may leave out what nobody misses. */
const EXPECT_EVENTS = 45;

const RULE = "You answer in one short sentence. ";

/** `promptBytes`: about so long is what each request asks; 300 is a short question, 50,000 an agent's turn. */
export interface Load {
  ms: number;
  promptBytes: number;
}

function targetOf(candidate: Candidate, stage: StageName, { ms, promptBytes }: Load): Target {
  const { connections, stream } = STAGES[stage];
  const messages = [
    { role: "system", content: RULE.repeat(Math.ceil(promptBytes / RULE.length)) },
    { role: "user", content: "What is the weather like?" },
  ];
  const streaming = stream && { stream: true, stream_options: { include_usage: true } };
  const body = JSON.stringify({ model: candidate.model, messages, max_tokens: 256, ...streaming });
  const { url, headers } = candidate;
  return { url, headers, body, connections, ms, expectEvents: stream ? EXPECT_EVENTS : 0 };
}

/** Each customer once, so that what sleeps while others have their turn is awake. @returns what went wrong. */
export async function warmUp(
  tool: Child,
  candidate: Candidate,
  stage: StageName,
  load: Load,
): Promise<Record<string, number>> {
  const requests = Math.max(64, candidate.headers.length);
  const target = targetOf(candidate, stage, { ...load, ms: 60_000 });
  return (await runLoad(tool, { ...target, connections: 16, requests })).failures;
}

export async function takeTurn(
  tool: Child,
  candidate: Candidate,
  stage: StageName,
  load: Load,
): Promise<{ turn: Turn; failures: Record<string, number> }> {
  const before = treeUse(candidate.pid);
  const result = await runLoad(tool, targetOf(candidate, stage, load));
  return { turn: turnOf(result, before, treeUse(candidate.pid)), failures: result.failures };
}
