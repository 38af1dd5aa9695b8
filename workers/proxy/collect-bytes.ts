/**
 * All bytes of a message. Where it says that it is no longer than `max`, the runtime reads it in one go, and HTTP's
 * framing keeps the promise; else it is read with an eye on its length, see `collectBytes`.
 */
export async function messageBytes(message: Request | Response, max: number): Promise<Uint8Array | undefined> {
  const length = Number(message.headers.get("content-length") ?? Number.NaN);
  if (length <= max && !message.headers.has("content-encoding")) {
    const bytes = new Uint8Array(await message.arrayBuffer());
    return bytes.length <= max ? bytes : undefined;
  }
  return message.body ? collectBytes(message.body, max) : new Uint8Array();
}

/**
 * All bytes of a stream; undefined where there are more than `max`. Of those, as many again are read and thrown
 * away, so that somebody who is still sending gets to read the answer; then the stream is cancelled.
 */
export async function collectBytes(body: ReadableStream<Uint8Array>, max: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > 2 * max) return undefined;
    if (length <= max) chunks.push(chunk);
  }
  return length <= max ? joinBytes(chunks) : undefined;
}

/** One after the other, copied. */
export function joinBytes(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
