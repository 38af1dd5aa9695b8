import { randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { listen } from "#cluster/system/listen.ts";

/** A model on loopback that answers every request with "ok". */
export interface FirstTurnModel {
  baseUrl: string;
  key: string;
  close(): void;
}

/**
 * The first turn of a fresh OpenClaw takes seconds of CPU, because it loads what only turns need. It is spent before
 * a customer waits, on this model instead of the real one: a turn carries some fifteen thousand input tokens, and
 * those would be booked on the customer's allowance at every start.
 */
export async function startFirstTurnModel(): Promise<FirstTurnModel> {
  const key = randomBytes(24).toString("base64url");
  const server = createServer((request, response) => answer(request, response, key));
  const { url, close } = await listen(server, 0, "127.0.0.1");
  return { baseUrl: `${url}/v1`, key, close };
}

function answer(request: IncomingMessage, response: ServerResponse, key: string): void {
  request.resume();
  if (!isSame(request.headers.authorization ?? "", `Bearer ${key}`)) {
    response.writeHead(401).end();
    return;
  }
  request.once("end", () => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const event of EVENTS) response.write(`data: ${JSON.stringify(event)}\n\n`);
    response.end("data: [DONE]\n\n");
  });
}

function isSame(given: string, expected: string): boolean {
  return given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
}

const CHUNK = { id: "first-turn", object: "chat.completion.chunk", created: 0, model: "first-turn" };
const EVENTS = [
  { ...CHUNK, choices: [{ index: 0, delta: { role: "assistant", content: "ok" }, finish_reason: null }] },
  { ...CHUNK, choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
  { ...CHUNK, choices: [], usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 } },
];

/** Drives one turn through the gateway's own API to the first-turn model; rejects when it doesn't answer. */
export async function takeFirstTurn(gatewayPort: number, gatewayToken: string, timeoutMs = 90_000): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${gatewayPort}/v1/chat/completions`, {
    method: "POST",
    signal: AbortSignal.timeout(timeoutMs),
    headers: {
      authorization: `Bearer ${gatewayToken}`,
      "content-type": "application/json",
      "x-openclaw-model": "warmup/first-turn",
      // One conversation for all starts, so that the agent's list doesn't grow.
      "x-openclaw-session-key": "first-turn",
    },
    body: JSON.stringify({ model: "openclaw", messages: [{ role: "user", content: "Answer: ok" }] }),
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`the gateway answered ${response.status}`);
}
