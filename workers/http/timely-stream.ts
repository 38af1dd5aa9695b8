import { AppError } from "#schema/domain/errors.ts";

type Octets = ReadableStream<Uint8Array>;

/** Whoever sends may be idle for so long, */
const GRACE_MS = 10_000;
/** and takes so much longer, at most, for what it sends. The largest part of a backup has 42 s, less than the storage waits. */
const BYTES_A_MS = 256;

/**
 * Gives `use` the body as it comes, a chunk at a time. Throws `request_timeout` where its sender is too slow: measured like Apache's
 * RequestReadTimeout with MinRate, by what has arrived. A limit between two chunks, as nginx has it, lasts for hours where a byte comes
 * now and then; one for the whole body is too short for a large one or too long for a small one. Only waiting for
 * the sender counts: it is not to blame where the storage is slow.
 */
export async function timelyStream<T>(body: Octets, use: (body: Octets) => Promise<T>): Promise<T> {
  const reader = body.getReader();
  const slow = Promise.withResolvers<never>();
  let allowance = GRACE_MS;
  const read = async () => {
    const startedAt = Date.now();
    const timer = setTimeout(() => slow.reject(tooSlow()), Math.max(0, allowance));
    const result = await Promise.race([reader.read(), slow.promise]).finally(() => clearTimeout(timer));
    allowance += (result.value?.length ?? 0) / BYTES_A_MS - (Date.now() - startedAt);
    return result;
  };
  const timed: Octets = new ReadableStream(
    {
      pull: async (controller) => {
        const { done, value } = await read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  const used = use(timed);
  // Given up, both may still fail: nobody listens any more.
  used.catch(() => undefined);
  slow.promise.catch((reason: unknown) => reader.cancel(reason).catch(() => undefined));
  return await Promise.race([used, slow.promise]);
}

const tooSlow = (): AppError =>
  new AppError(
    "request_timeout",
    `The body has to arrive at ${(BYTES_A_MS * 1_000) / 1_024} KiB a second, after 10 seconds`,
  );
