import * as z from "zod";
import { retryAfterMs } from "#cluster/system/retry.ts";

const Status = z.object({
  message: z.string().optional(),
  reason: z.string().optional(),
  details: z.object({ retryAfterSeconds: z.number().optional() }).optional(),
});

/** The API server's answer to a request that failed. Its messages name objects and fields, never a Secret's content. */
export class KubeError extends Error {
  override readonly name = "KubeError";
  readonly status: number;
  /** Kubernetes' own word: `Forbidden`, `Conflict`, `NotFound`, … */
  readonly reason: string;
  readonly retryAfterMs: number | undefined;

  constructor(status: number, reason: string, message: string, retryAfter?: number) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.retryAfterMs = retryAfter;
  }

  static parse(status: number, retryAfter: string | undefined, body: string): KubeError {
    const parsed = Status.safeParse(parseJson(body));
    const { reason = "Unknown", message = "no message", details } = parsed.success ? parsed.data : {};
    const seconds = retryAfter ?? details?.retryAfterSeconds?.toString();
    return new KubeError(status, reason, message, retryAfterMs(seconds));
  }
}

/** Whether the same request may succeed later; a number is the least wait in ms that the server asked for. */
export function mayPass(error: unknown): boolean | number {
  if (!(error instanceof KubeError)) return isTransport(error);
  // The quota controller has not counted a new quota yet: a matter of tenths of a second.
  if (error.status === 403) return error.message.includes("status unknown for quota");
  const passing = error.status === 409 || error.status === 429 || error.status === 408 || error.status >= 500;
  return passing && (error.retryAfterMs ?? true);
}

export const isNotFound = (error: unknown): boolean => error instanceof KubeError && error.status === 404;
/** Somebody else's write came first, or a precondition isn't met. */
export const isConflict = (error: unknown): boolean => error instanceof KubeError && error.status === 409;
/** What was to be made is there. */
export const isThereAlready = (error: unknown): boolean =>
  error instanceof KubeError && error.status === 409 && error.reason === "AlreadyExists";
/** A watch can't go on from where it was: its history is gone. */
export const isGone = (error: unknown): boolean => error instanceof KubeError && error.status === 410;
/** Our admission policy refused a write whose fence is older than the stored one. */
export const isFencedOff = (error: unknown): boolean =>
  error instanceof KubeError && (error.status === 403 || error.status === 422) && error.message.includes("fleet/fence");

/** Undici's errors and the system's: no answer came, or it broke off, perhaps in the middle of its JSON. */
function isTransport(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof SyntaxError) return true;
  const code = "code" in error ? String(error.code) : "";
  return code.startsWith("UND_ERR") || /^E[A-Z]+$/.test(code) || error.name === "TimeoutError";
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
