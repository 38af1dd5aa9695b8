/** What the mock model provider answers, as bytes that are made once. */

const CHUNKS = 50;
const USAGE = { prompt_tokens: 24, completion_tokens: CHUNKS, total_tokens: 24 + CHUNKS };

/** One chat completion as JSON, with its head. */
export function wholeAnswer(): Buffer {
  const body = JSON.stringify({
    id: "chatcmpl-bench",
    object: "chat.completion",
    created: 1_700_000_000,
    model: "mock",
    choices: [{ index: 0, message: { role: "assistant", content: "word ".repeat(CHUNKS) }, finish_reason: "stop" }],
    usage: USAGE,
  });
  const length = Buffer.byteLength(body);
  return Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\nconnection: keep-alive\r\n\r\n${body}`,
  );
}

/** A stream of 50 chunks, the last of which has the usage: the writes in their order, the first with the head. */
export function streamedAnswer(): Buffer[] {
  const events = Array.from({ length: CHUNKS }, (_, i) => chunkEvent(i));
  events.push("data: [DONE]\n\n");
  const head =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\ntransfer-encoding: chunked\r\nconnection: keep-alive\r\n\r\n";
  const framed = events.map((event) => `${Buffer.byteLength(event).toString(16)}\r\n${event}\r\n`);
  const last = `${framed.pop()}0\r\n\r\n`;
  return [...framed, last].map((part, i) => Buffer.from(i === 0 ? head + part : part));
}

function chunkEvent(i: number): string {
  const last = i === CHUNKS - 1;
  const chunk = {
    id: "chatcmpl-bench",
    object: "chat.completion.chunk",
    created: 1_700_000_000,
    model: "mock",
    choices: last ? [] : [{ index: 0, delta: { content: "word " }, finish_reason: i === CHUNKS - 2 ? "stop" : null }],
    ...(last && { usage: USAGE }),
  };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}
