import { AppError } from "#schema/domain/errors.ts";

/** Bodies that are read whole are small (guards.ts): a second is enough for any line. */
const BODY_MS = 10_000;

/** What a body is read as. Throws `request_timeout` where it does not come to its end in time: nobody keeps us waiting. */
export async function timely<T>(reading: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const words = `The body has to arrive within ${BODY_MS / 1_000} seconds`;
    timer = setTimeout(() => reject(new AppError("request_timeout", words)), BODY_MS);
  });
  // Given up, it may still fail: nobody listens any more.
  reading.catch(() => undefined);
  try {
    return await Promise.race([reading, late]);
  } finally {
    clearTimeout(timer);
  }
}
