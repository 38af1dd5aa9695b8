/**
 * Runs `work` with a signal that aborts `ms` after `signal` does: a write that is on its way when its job ends should be
 * answered, so that it is known to be over before the box's next job begins.
 */
export async function linger<T>(
  signal: AbortSignal,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const onAbort = () => {
    timer = setTimeout(() => over.abort(signal.reason), ms);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await work(over.signal);
  } finally {
    signal.removeEventListener("abort", onAbort);
    clearTimeout(timer);
  }
}
