/** HTTP/1.1 requests as bytes: made once per customer, and found in what a socket brought. */

/** A POST that asks for keep-alive. */
export function requestBytes(url: URL, headers: Record<string, string>, body: string): Buffer {
  const lines = Object.entries({
    host: url.host,
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST ${url.pathname} HTTP/1.1\r\n${lines.join("")}\r\n${body}`);
}

/** How many characters (latin1, so bytes) the first message has; undefined while it is not whole. */
export function messageLength(received: string): number | undefined {
  const headEnd = received.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const head = received.slice(0, headEnd).toLowerCase();
  if (head.includes("transfer-encoding: chunked")) {
    const end = received.indexOf("\r\n0\r\n\r\n", headEnd + 2);
    return end < 0 ? undefined : end + 7;
  }
  const length = headEnd + 4 + Number(/content-length: *(\d+)/.exec(head)?.[1] ?? 0);
  return received.length < length ? undefined : length;
}
