import { timingSafeEqual } from "node:crypto";
import { S3Error } from "./s3-error.ts";
import { type Claim, type SignedRequest, signatureOf } from "./signature.ts";

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
}

/** How far a caller's clock may be off, in ms. */
const SKEW_MS = 15 * 60_000;
const MOST_EXPIRES_S = 7 * 86_400;
const HEADER =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8}\/[^/,\s]+\/s3\/aws4_request),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/;

/** Throws S3Error unless the request is signed with our key, in its header or in its address. @returns what is said of the body. */
export function authenticate(request: SignedRequest, ours: Credentials, now: number): { payloadHash: string } {
  const claim = request.query.has("X-Amz-Signature") ? fromQuery(request, now) : fromHeader(request, now);
  if (claim.accessKeyId !== ours.accessKeyId) {
    throw new S3Error("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.");
  }
  if (!claim.signedHeaders.includes("host")) throw new S3Error("AccessDenied", "The host header must be signed.");
  const expected = signatureOf(request, claim, ours.secretAccessKey);
  if (!timingSafeEqual(Buffer.from(expected), Buffer.from(claim.signature))) {
    throw new S3Error(
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided.",
    );
  }
  return { payloadHash: claim.payloadHash };
}

function fromHeader({ header }: SignedRequest, now: number): Claim {
  const authorization = header("authorization");
  if (!authorization) throw new S3Error("AccessDenied", "Anonymous requests are refused.");
  const [, accessKeyId = "", scope = "", names = "", signature = ""] = HEADER.exec(authorization) ?? [];
  if (!signature) throw new S3Error("InvalidArgument", "The authorization header is malformed.");
  const date = header("x-amz-date") ?? "";
  const payloadHash = header("x-amz-content-sha256");
  if (!payloadHash)
    throw new S3Error("InvalidRequest", "Missing required header for this request: x-amz-content-sha256");
  if (Math.abs(timeOf(date, scope) - now) > SKEW_MS) {
    throw new S3Error(
      "RequestTimeTooSkewed",
      "The difference between the request time and the current time is too large.",
    );
  }
  return { accessKeyId, scope, signedHeaders: names.split(";"), signature, date, payloadHash };
}

function fromQuery({ query }: SignedRequest, now: number): Claim {
  const value = (name: string) => query.get(`X-Amz-${name}`) ?? "";
  const credential = value("Credential");
  const scope = credential.slice(credential.indexOf("/") + 1);
  const signature = value("Signature");
  const expires = Number(value("Expires"));
  const wellFormed = /^[0-9a-f]{64}$/.test(signature) && value("Algorithm") === "AWS4-HMAC-SHA256";
  if (!wellFormed || !(expires >= 1 && expires <= MOST_EXPIRES_S)) {
    throw new S3Error("InvalidArgument", "The query-string authentication parameters are malformed.");
  }
  const signedAt = timeOf(value("Date"), scope);
  if (now < signedAt - SKEW_MS || now > signedAt + expires * 1_000)
    throw new S3Error("AccessDenied", "Request has expired");
  return {
    accessKeyId: credential.slice(0, credential.indexOf("/")),
    scope,
    signedHeaders: value("SignedHeaders").split(";"),
    signature,
    date: value("Date"),
    payloadHash: "UNSIGNED-PAYLOAD",
  };
}

/** ms since 1970; a date that is none, or of another day than its scope, is refused. */
function timeOf(date: string, scope: string): number {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  const time = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
  if (Number.isNaN(time) || !scope.startsWith(date.slice(0, 8)))
    throw new S3Error("AccessDenied", "The date is not valid.");
  return time;
}
