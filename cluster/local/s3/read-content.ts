import { createHash, timingSafeEqual } from "node:crypto";
import { crc32 } from "node:zlib";
import { S3Error } from "./s3-error.ts";

type Headers = (name: string) => string | undefined;

/** The object in a PUT's body, once everything that was said about it is true. Throws S3Error. */
export function readContent(body: Uint8Array, payloadHash: string, header: Headers): Uint8Array {
  if (payloadHash.startsWith("STREAMING-")) return checked(unchunked(body, payloadHash, header), header);
  if (payloadHash !== "UNSIGNED-PAYLOAD" && !same(payloadHash, digest("sha256", body).toString("hex"))) {
    throw new S3Error(
      "XAmzContentSHA256Mismatch",
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  }
  return checked(body, header);
}

function checked(content: Uint8Array, header: Headers): Uint8Array {
  const said: [string | undefined, () => Buffer][] = [
    [header("content-md5"), () => digest("md5", content)],
    [header("x-amz-checksum-crc32"), () => crcOf(content)],
    [header("x-amz-checksum-sha256"), () => digest("sha256", content)],
  ];
  for (const [value, compute] of said) {
    if (value !== undefined && !same(value, compute().toString("base64"))) {
      throw new S3Error("BadDigest", "The checksum that you specified did not match what we received.");
    }
  }
  return content;
}

/**
 * The `aws-chunked` form in which SDKs send streams: `<hex length>\r\n<bytes>\r\n` … `0\r\n`, then trailers.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
function unchunked(body: Uint8Array, payloadHash: string, header: Headers): Uint8Array {
  if (payloadHash !== "STREAMING-UNSIGNED-PAYLOAD-TRAILER") {
    throw new S3Error("NotImplemented", "Signed chunks are not implemented here.");
  }
  const text = Buffer.from(body);
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = text.indexOf("\r\n", at);
    const length = lineEnd < 0 ? Number.NaN : Number.parseInt(text.toString("latin1", at, lineEnd), 16);
    if (!(length >= 0 && lineEnd + 2 + length <= text.length))
      throw new S3Error("InvalidRequest", "A chunk is cut off.");
    if (length === 0) return whole(Buffer.concat(chunks), text.toString("latin1", lineEnd + 2), header);
    chunks.push(text.subarray(lineEnd + 2, lineEnd + 2 + length));
    at = lineEnd + 2 + length + 2;
  }
}

function whole(content: Buffer, trailers: string, header: Headers): Uint8Array {
  if (content.length !== Number(header("x-amz-decoded-content-length"))) {
    throw new S3Error("InvalidRequest", "The content is not as long as x-amz-decoded-content-length says.");
  }
  const crc = /x-amz-checksum-crc32:\s*(\S+)/.exec(trailers)?.[1];
  return checked(content, (name) => (name === "x-amz-checksum-crc32" ? crc : undefined));
}

const digest = (algorithm: string, content: Uint8Array): Buffer => createHash(algorithm).update(content).digest();

function crcOf(content: Uint8Array): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(content));
  return bytes;
}

const same = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
