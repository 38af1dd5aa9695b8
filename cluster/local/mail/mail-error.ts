import type { ContentfulStatusCode } from "hono/utils/http-status";

/** An error of the API. Codes and texts: https://resend.com/docs/api-reference/errors */
export class MailError extends Error {
  readonly status: ContentfulStatusCode;
  readonly code: string;

  constructor(status: ContentfulStatusCode, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  toJSON(): { statusCode: number; message: string; name: string } {
    return { statusCode: this.status, message: this.message, name: this.code };
  }
}

export const invalid = (message: string) => new MailError(422, "validation_error", message);
export const missing = (field: string) => new MailError(422, "missing_required_field", `Missing ${field} field.`);
export const notFound = (message: string) => new MailError(404, "not_found", message);
