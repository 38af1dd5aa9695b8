/** Reads one HTTP/1.1 answer as it arrives: when it began, how many events it had, whether it is whole. */

export interface AnswerReader {
  /** Returns true once the answer is whole. */
  push(part: string, now: number): boolean;
  status(): number;
  /** When the first byte of the body came; 0 before. */
  firstByteAt(): number;
  /** How often `data: ` came. */
  events(): number;
  /** How many reads brought body: near 1 means that a stream was held back. */
  reads(): number;
}

const END_OF_CHUNKS = "\r\n0\r\n\r\n";
const EVENT = "data: ";

/**
 * For answers whose content is ours: it holds no CR LF, so the last chunk's mark is found without reading the
 * sizes of the others. `part` is latin1, one character a byte.
 */
export function createAnswerReader(): AnswerReader {
  let head = "";
  let left: number | "chunked" | undefined;
  let tail = "";
  let half = "";
  let [status, firstByteAt, events, reads] = [0, 0, 0, 0];

  function readHead(part: string): string {
    head += part;
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return "";
    status = Number(head.slice(9, 12));
    const length = /\r\ncontent-length: *(\d+)/i.exec(head.slice(0, end + 2))?.[1];
    left = length === undefined ? "chunked" : Number(length);
    return head.slice(end + 4);
  }

  function readBody(body: string, now: number): boolean {
    if (body) {
      firstByteAt ||= now;
      reads++;
    }
    events += (half + body).split(EVENT).length - 1;
    half = (half + body).slice(1 - EVENT.length);
    if (left !== "chunked") {
      left = (left ?? 0) - body.length;
      return left <= 0;
    }
    tail = (tail + body).slice(-END_OF_CHUNKS.length);
    return tail === END_OF_CHUNKS || tail === END_OF_CHUNKS.slice(2);
  }

  return {
    push(part, now) {
      if (left !== undefined) return readBody(part, now);
      const body = readHead(part);
      return left !== undefined && readBody(body, now);
    },
    status: () => status,
    firstByteAt: () => firstByteAt,
    events: () => events,
    reads: () => reads,
  };
}
