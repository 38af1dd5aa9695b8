/** A Bot API error: code and description as Telegram has them. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: number;

  constructor(code: number, description: string) {
    super(description);
    this.code = code;
  }
}

export const unauthorized = (): ApiError => new ApiError(401, "Unauthorized");
export const badRequest = (reason: string): ApiError => new ApiError(400, `Bad Request: ${reason}`);
export const forbidden = (reason: string): ApiError => new ApiError(403, `Forbidden: ${reason}`);
export const conflict = (reason: string): ApiError => new ApiError(409, `Conflict: ${reason}`);
