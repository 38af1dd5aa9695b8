/** S3's own errors. Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const STATUS = {
  AccessDenied: 403,
  InvalidAccessKeyId: 403,
  InternalError: 500,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NotImplemented: 501,
  RequestTimeTooSkewed: 403,
  SignatureDoesNotMatch: 403,
  XAmzContentSHA256Mismatch: 400,
} as const;
type S3Code = keyof typeof STATUS;

export class S3Error extends Error {
  readonly code: S3Code;

  constructor(code: S3Code, message: string) {
    super(message);
    this.code = code;
  }

  get status(): (typeof STATUS)[S3Code] {
    return STATUS[this.code];
  }

  toXml(requestId: string): string {
    return `${XML_HEAD}<Error><Code>${this.code}</Code><Message>${xmlText(this.message)}</Message><RequestId>${requestId}</RequestId></Error>`;
  }
}

export const XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };

export const xmlText = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
