/** A token here is four code points: no real tokenizer, but the same text always costs the same. */
const CODE_POINTS_PER_TOKEN = 4;

/** What one picture costs, whatever its bytes: base64 must not count as text. */
export const IMAGE_TOKENS = 1024;

/** The pieces a text is made of; joined again they are the text. */
export function tokenize(text: string): string[] {
  const points = Array.from(text);
  const tokens: string[] = [];
  for (let at = 0; at < points.length; at += CODE_POINTS_PER_TOKEN) {
    tokens.push(points.slice(at, at + CODE_POINTS_PER_TOKEN).join(""));
  }
  return tokens;
}

export const countTokens = (text: string): number => Math.ceil(Array.from(text).length / CODE_POINTS_PER_TOKEN);

/** Whole blocks only, as prefix caches work. */
export function sharedPrefixTokens(before: string, now: string, block = 64): number {
  let length = 0;
  while (length < before.length && length < now.length && before[length] === now[length]) length++;
  const tokens = Math.floor(length / CODE_POINTS_PER_TOKEN);
  return tokens - (tokens % block);
}
