import { AppError } from "#schema/domain/errors.ts";

/** Bodies that are read whole are small (guards.ts), so this is enough on any connection. */
const BODY_MS = 10_000;

/** Reads a body. Throws `request_timeout` if it does not end in time. */
export async function timely<T>(reading: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const words = `The body must arrive within ${BODY_MS / 1_000} seconds`;
    timer = setTimeout(() => reject(new AppError("request_timeout", words)), BODY_MS);
  });
  // After the timeout the read may still fail: ignore that.
  reading.catch(() => undefined);
  try {
    return await Promise.race([reading, late]);
  } finally {
    clearTimeout(timer);
  }
}
