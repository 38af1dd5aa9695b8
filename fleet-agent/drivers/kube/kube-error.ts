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
  /** Kubernetes' reason: `Forbidden`, `Conflict`, `NotFound`, … */
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

/** Whether a retry may succeed; a number is the shortest wait in ms that the server asked for. */
export function mayPass(error: unknown): boolean | number {
  if (!(error instanceof KubeError)) return isTransport(error);
  // The quota controller has not counted a new quota yet, which takes tenths of a second.
  if (error.status === 403) return error.message.includes("status unknown for quota");
  const passing = error.status === 409 || error.status === 429 || error.status === 408 || error.status >= 500;
  return passing && (error.retryAfterMs ?? true);
}

export const isNotFound = (error: unknown): boolean => error instanceof KubeError && error.status === 404;
export const isForbidden = (error: unknown): boolean => error instanceof KubeError && error.status === 403;
/** Another write came first, or a precondition failed. */
export const isConflict = (error: unknown): boolean => error instanceof KubeError && error.status === 409;
/** The object exists already. */
export const isThereAlready = (error: unknown): boolean =>
  error instanceof KubeError && error.status === 409 && error.reason === "AlreadyExists";
/** A watch can't resume: its history has expired. */
export const isGone = (error: unknown): boolean => error instanceof KubeError && error.status === 410;
/** Our admission policy refused a write whose fence is older than the stored one. */
export const isFencedOff = (error: unknown): boolean =>
  error instanceof KubeError && (error.status === 403 || error.status === 422) && error.message.includes("fleet/fence");

/** What was asked for; undefined where it failed in the way that is expected. */
export async function unless<T>(
  isExpected: (error: unknown) => boolean,
  ask: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isExpected(error)) return undefined;
    throw error;
  }
}

/** Undici's and the system's errors: no answer, or an incomplete one, perhaps in the middle of its JSON. */
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
