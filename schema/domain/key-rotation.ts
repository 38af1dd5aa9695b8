/** During a key rotation two keys are valid: returns the first result of either. */
export async function tryKeys<K, T>(
  keys: readonly (K | undefined)[],
  attempt: (key: K) => Promise<T | undefined>,
): Promise<T | undefined> {
  for (const key of keys) {
    const found = key === undefined ? undefined : await attempt(key);
    if (found !== undefined) return found;
  }
  return undefined;
}
