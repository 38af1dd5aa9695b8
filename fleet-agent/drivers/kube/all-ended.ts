/** Like `Promise.all`, but a failure is thrown only when all have ended: nothing is written after it. */
export async function allEnded<T extends readonly unknown[] | []>(
  works: T,
): Promise<{ -readonly [I in keyof T]: Awaited<T[I]> }> {
  await Promise.allSettled(works);
  return Promise.all(works);
}
