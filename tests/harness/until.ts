/** Asks again until there is an answer: tests wait for conditions, never for a length of time. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 30_000,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  let problem: unknown;
  while (performance.now() < end) {
    try {
      const answer = await probe();
      if (answer) return answer;
    } catch (error) {
      problem = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited ${timeoutMs} ms in vain: ${what}`, { cause: problem });
}
