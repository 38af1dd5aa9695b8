/**
 * AWS Signature Version 4 as S3 wants it: the pure half. Source:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
import { createHash, createHmac } from "node:crypto";

export interface SignedRequest {
  method: string;
  /** As it was sent, still percent-encoded. */
  path: string;
  query: URLSearchParams;
  header(name: string): string | undefined;
}

/** The claims of a request's signature. */
interface Claim {
  /** `20260930/auto/s3/aws4_request`. */
  scope: string;
  signedHeaders: readonly string[];
  /** `20260930T101112Z`. */
  date: string;
  payloadHash: string;
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: Buffer | string, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/** Hex. */
export function signatureOf(request: SignedRequest, claim: Claim, secretAccessKey: string): string {
  const toSign = ["AWS4-HMAC-SHA256", claim.date, claim.scope, sha256(canonicalRequest(request, claim))].join("\n");
  const [day = "", region = "", service = ""] = claim.scope.split("/");
  const key = [day, region, service, "aws4_request"].reduce<Buffer | string>(hmac, `AWS4${secretAccessKey}`);
  return createHmac("sha256", key).update(toSign).digest("hex");
}

function canonicalRequest({ method, path, query, header }: SignedRequest, claim: Claim): string {
  const headers = claim.signedHeaders.map((name) => `${name}:${(header(name) ?? "").trim().replace(/ +/g, " ")}\n`);
  const uri = path
    .split("/")
    .map((segment) => encoded(decodeURIComponent(segment)))
    .join("/");
  const names = claim.signedHeaders.join(";");
  return [method, uri, canonicalQuery(query), headers.join(""), names, claim.payloadHash].join("\n");
}

function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join("&");
}

/** RFC 3986: everything but letters, digits and `-._~`. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
