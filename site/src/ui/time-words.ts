/** Times as people say them. */

const UNITS = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
] as const;

/** `3 d`, `5 h`, `12 min`, `40 s`. */
export function ageWords(from: string, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(from)) / 1000));
  for (const [name, size] of UNITS) if (seconds >= size) return `${Math.floor(seconds / size)} ${name}`;
  return `${seconds} s`;
}

/** Seconds from one time to another, `+0.4 s`. */
export const sinceWords = (from: string, to: string): string =>
  `+${(Math.max(0, Date.parse(to) - Date.parse(from)) / 1000).toFixed(1)} s`;

export const clockWords = (at: string): string => new Date(at).toLocaleTimeString();
export const dateWords = (at: string): string => new Date(at).toLocaleString();
