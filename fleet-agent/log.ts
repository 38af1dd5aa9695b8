import { type Logger, pino, stdSerializers, stdTimeFunctions } from "pino";

export type { Logger };

/**
 * JSON lines on standard output. Nothing but named fields is ever logged: no request, no body, no box
 * configuration; the redaction below is a second safeguard.
 */
export function createLog(level: string): Logger {
  return pino({
    level,
    base: { program: "fleet-agent" },
    timestamp: stdTimeFunctions.isoTime,
    redact: {
      paths: [
        "config",
        "*.config",
        "token",
        "*.token",
        "*.bot_token",
        "key",
        "*.key",
        "authorization",
        "*.authorization",
        "*.headers",
      ],
    },
    serializers: { err: describeError },
  });
}

/** Type, message and stack of an error; its other fields may hold anything, so they are not logged. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: "not an error object" };
  const { type, message, stack } = stdSerializers.err(error);
  return { type, message, stack };
}
