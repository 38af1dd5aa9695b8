/** Redis' patterns (`*`, `?`, `[a-z]`, `[^x]`, `\`) as a test of a whole string, byte by byte as in Redis. */
export function globMatcher(pattern: string): (text: string) => boolean {
  const expression = new RegExp(`^${translate(bytes(pattern))}$`, "su");
  return (text) => expression.test(bytes(text));
}

/** One character per byte of UTF-8. */
function bytes(text: string): string {
  return Buffer.from(text).toString("latin1");
}

function translate(pattern: string): string {
  const piece = /\\(.)|\[(\^?)((?:\\.|[^\]])*)\]?|([*?])|(.)/gsu;
  return pattern.replace(piece, (_all, escaped, negated, members, wildcard, plain) => {
    if (wildcard) return wildcard === "*" ? ".*" : ".";
    if (members !== undefined) return characterClass(negated, members);
    return quote(escaped ?? plain);
  });
}

function characterClass(negated: string, members: string): string {
  // An empty class matches nothing, its negation anything.
  if (members === "") return negated ? "." : "(?!)";
  const inside = members.replace(/\\(.)|(.)-(.)|(.)/gsu, (_all, escaped, from, to, plain) => {
    if (from === undefined) return quote(escaped ?? plain);
    const [low, high] = from <= to ? [from, to] : [to, from];
    return `${quote(low)}-${quote(high)}`;
  });
  return `[${negated}${inside}]`;
}

function quote(character: string): string {
  return /[\w\s]/u.test(character) || character.length > 1
    ? character
    : `\\u{${character.codePointAt(0)?.toString(16)}}`;
}
