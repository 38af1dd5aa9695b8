const UNITS = [
  ["d", 86_400],
  ["h", 3_600],
  ["m", 60],
  ["s", 1],
] as const;

/** How long ago, in the unit that a person would use: `41s`, `7m`, `3h`, `12d`; `-` for never. */
export function age(since: string | null, now = Date.now()): string {
  if (since === null) return "-";
  const seconds = Math.max(0, Math.round((now - Date.parse(since)) / 1_000));
  const [unit, size] = UNITS.find(([, size]) => seconds >= 2 * size) ?? ["s", 1];
  return `${Math.floor(seconds / size)}${unit}`;
}
