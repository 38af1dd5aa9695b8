import { timingSafeEqual } from "node:crypto";
import { S3Error } from "./s3-error.ts";
import { type SignedRequest, signatureOf } from "./signature.ts";

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
}

/** How far a caller's clock may be off, in ms. */
const SKEW_MS = 15 * 60_000;
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8}\/[^/,\s]+\/s3\/aws4_request),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/;

/** Throws S3Error unless the request's headers are signed with our key. @returns what is said of the body. */
export function authenticate(request: SignedRequest, ours: Credentials, now: number): { payloadHash: string } {
  const { header } = request;
  const [, accessKeyId, scope = "", names = "", signature = ""] =
    AUTHORIZATION.exec(header("authorization") ?? "") ?? [];
  const date = header("x-amz-date") ?? "";
  const payloadHash = header("x-amz-content-sha256");
  if (!accessKeyId || !payloadHash) throw new S3Error("AccessDenied", "Only signed requests are taken.");
  if (accessKeyId !== ours.accessKeyId) {
    throw new S3Error("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.");
  }
  if (!(Math.abs(timeOf(date) - now) <= SKEW_MS && scope.startsWith(date.slice(0, 8)))) {
    throw new S3Error(
      "RequestTimeTooSkewed",
      "The difference between the request time and the current time is too large.",
    );
  }
  const claim = { scope, signedHeaders: names.split(";"), date, payloadHash };
  const expected = Buffer.from(signatureOf(request, claim, ours.secretAccessKey));
  if (!claim.signedHeaders.includes("host") || !timingSafeEqual(expected, Buffer.from(signature))) {
    throw new S3Error(
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided.",
    );
  }
  return { payloadHash };
}

/** `20260930T101112Z` → ms since 1970; NaN for what is no date. */
const timeOf = (date: string): number =>
  Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
