import { RedisError, type Reply } from "../reply.ts";

/** Cuts a stream of Redis' protocol (RESP 2) into replies. */
export class ReplyReader {
  #buffer: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): Reply[] {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    const replies: Reply[] = [];
    for (let next = parse(this.#buffer, 0); next; next = parse(this.#buffer, 0)) {
      replies.push(next.reply);
      this.#buffer = this.#buffer.subarray(next.end);
    }
    return replies;
  }
}

interface Parsed {
  reply: Reply;
  end: number;
}

/** Undefined when the reply isn't all there yet. @throws Error when this isn't Redis' protocol */
function parse(buffer: Buffer, start: number): Parsed | undefined {
  const lineEnd = buffer.indexOf("\r\n", start);
  if (lineEnd === -1) return undefined;
  const line = buffer.toString("utf8", start + 1, lineEnd);
  const end = lineEnd + 2;
  switch (String.fromCharCode(buffer.readUInt8(start))) {
    case "+":
      return { reply: line, end };
    case "-":
      return { reply: new RedisError(line), end };
    case ":":
      return { reply: Number(line), end };
    case "$":
      return parseBulk(buffer, end, Number(line));
    case "*":
      return parseArray(buffer, end, Number(line));
    default:
      throw new Error("the answer isn't Redis' protocol: is this a Redis server?");
  }
}

function parseBulk(buffer: Buffer, start: number, length: number): Parsed | undefined {
  if (length < 0) return { reply: null, end: start };
  const end = start + length + 2;
  return buffer.length < end ? undefined : { reply: buffer.toString("utf8", start, end - 2), end };
}

function parseArray(buffer: Buffer, start: number, length: number): Parsed | undefined {
  if (length < 0) return { reply: null, end: start };
  const items: Reply[] = [];
  let end = start;
  for (let i = 0; i < length; i++) {
    const item = parse(buffer, end);
    if (!item) return undefined;
    items.push(item.reply);
    end = item.end;
  }
  return { reply: items, end };
}
