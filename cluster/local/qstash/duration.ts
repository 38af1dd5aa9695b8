/**
 * Durations as QStash reads them: whole days and Go's units in any order of use, `1d10h30m`, `6m5s`, `350ms`.
 * Source: docs "delay" (s, m, h, d) and "retry" (ns, us, µs, ms, s, m, h in `Retry-After`).
 */
const UNITS: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const PART = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d)/y;

export const DAY = 86_400_000;

/** Milliseconds, or undefined where the text is no duration. */
export function parseDuration(text: string): number | undefined {
  let total = 0;
  PART.lastIndex = 0;
  while (PART.lastIndex < text.length) {
    const part = PART.exec(text);
    if (!part) return undefined;
    total += Number(part[1]) * (UNITS[part[2] ?? ""] ?? 0);
  }
  return text === "" ? undefined : total;
}
