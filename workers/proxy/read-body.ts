import { messageBytes } from "./collect-bytes.ts";
import { ProxyError } from "./proxy-error.ts";

/** Enough for a full context window with images; more is refused while it arrives. */
export const MAX_BODY_BYTES = 10 * 1024 * 1024;

export interface RequestBody {
  json: Record<string, unknown>;
  /** Bytes as they came. */
  bytes: number;
}

/** The request's JSON object. Throws `too_large` or `invalid_request`. */
export async function readBody(request: Request): Promise<RequestBody> {
  if (Number(request.headers.get("content-length") ?? 0) > 2 * MAX_BODY_BYTES) throw tooLarge();
  if (!request.body) throw new ProxyError("invalid_request", "The request has no body: send a JSON object");
  const bytes = await messageBytes(request, MAX_BODY_BYTES);
  if (!bytes) throw tooLarge();
  return { json: parse(bytes), bytes: bytes.length };
}

const STRICT_UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

function parse(bytes: Uint8Array): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(STRICT_UTF8.decode(bytes));
  } catch {
    throw new ProxyError("invalid_request", "The body is not valid JSON in UTF-8");
  }
  if (isRecord(json)) return json;
  throw new ProxyError("invalid_request", "The body must be a JSON object");
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const tooLarge = (): ProxyError =>
  new ProxyError("too_large", `The request is larger than ${MAX_BODY_BYTES / 1024 / 1024} MB`);
