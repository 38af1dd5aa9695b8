/**
 * The few parts of PostgreSQL's wire protocol (3.0) that a server in front of PGlite needs.
 * Source: https://www.postgresql.org/docs/current/protocol-message-formats.html
 */

/** A message as it came: `type` is one letter, empty for the untyped ones that open a connection. */
export interface Frame {
  type: string;
  /** The whole message, with type and length. */
  bytes: Buffer;
}

const CODE_SSL_REQUEST = 80877103;
const CODE_GSS_REQUEST = 80877104;
const CODE_CANCEL_REQUEST = 80877102;
/** PostgreSQL's own limit of one message is 1 GB; nothing here needs more than this. */
const MAX_FRAME = 64 * 1024 * 1024;

/** Cuts a byte stream from a client into messages. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);
  #started = false;

  /** @throws Error when a length is impossible: the stream can't be read any further then. */
  push(chunk: Buffer): Frame[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Frame[] = [];
    for (let frame = this.#next(); frame; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): Frame | undefined {
    const typeLength = this.#started ? 1 : 0;
    if (this.#rest.length < typeLength + 4) return undefined;
    const length = this.#rest.readInt32BE(typeLength);
    if (length < 4 || length > MAX_FRAME) throw new Error(`impossible message length ${length}`);
    const end = typeLength + length;
    if (this.#rest.length < end) return undefined;
    const bytes = this.#rest.subarray(0, end);
    this.#rest = this.#rest.subarray(end);
    const frame = { type: this.#started ? String.fromCharCode(bytes.readUInt8(0)) : "", bytes };
    if (opening(frame) === "startup") this.#started = true;
    return frame;
  }
}

/** What an untyped message asks for. */
export function opening(frame: Frame): "encryption" | "cancel" | "startup" {
  const code = frame.bytes.length >= 8 ? frame.bytes.readInt32BE(4) : 0;
  if (code === CODE_SSL_REQUEST || code === CODE_GSS_REQUEST) return "encryption";
  return code === CODE_CANCEL_REQUEST ? "cancel" : "startup";
}

export function message(type: string, ...parts: (string | Buffer)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(`${part}\0`) : part)));
  const head = Buffer.alloc(5);
  head.write(type, "latin1");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** What a server says to a client that it lets in without a password. */
export function greeting(parameters: Record<string, string>): Buffer {
  const authenticationOk = message("R", Buffer.alloc(4));
  const statuses = Object.entries(parameters).map(([name, value]) => message("S", name, value));
  return Buffer.concat([authenticationOk, ...statuses, message("K", Buffer.alloc(8)), message("Z", Buffer.from("I"))]);
}

/** An error after which the server hangs up. `code` is a SQLSTATE. */
export function fatalError(code: string, text: string): Buffer {
  const fields = { S: "FATAL", V: "FATAL", C: code, M: text };
  return message("E", ...Object.entries(fields).map(([field, value]) => field + value), Buffer.alloc(1));
}

/** The transaction status that a server's output ends with: `I` idle, `T` in a transaction, `E` in a failed one. */
export function finalStatus(output: Uint8Array): string | undefined {
  const tail = Buffer.from(output.buffer, output.byteOffset, output.byteLength).subarray(-6);
  const isReadyForQuery = tail.length === 6 && tail[0] === 0x5a && tail.readInt32BE(1) === 5;
  return isReadyForQuery ? String.fromCharCode(tail.readUInt8(5)) : undefined;
}
