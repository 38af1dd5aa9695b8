/** Resolves with the first truthy value of `look`; rejects after ten seconds, saying what was waited for. */
export async function eventually<T>(what: string, look: () => T | Promise<T>): Promise<NonNullable<T>> {
  for (const until = performance.now() + 10_000; performance.now() < until; ) {
    const value = await look();
    if (value) return value;
    await new Promise((again) => setTimeout(again, 10));
  }
  throw new Error(`waited in vain: ${what}`);
}
