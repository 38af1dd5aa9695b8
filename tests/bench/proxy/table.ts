import type { Figures } from "./figures.ts";

const WIDTHS = [11, 11, 9, 9, 11, 11, 13, 12, 9, 8, 8] as const;
const TITLES = [
  "",
  "requests/s",
  "p50 ms",
  "p99 ms",
  "byte 1 p50",
  "byte 1 p99",
  "added to it",
  "cpu ms/req",
  "RSS MB",
  "reads",
  "failed",
] as const;

const row = (cells: readonly string[]): string =>
  cells.map((cell, i) => (i === 0 ? cell.padEnd(WIDTHS[0]) : cell.padStart(WIDTHS[i] ?? 0))).join("");

export const tableTitle = row(TITLES);

/** One candidate's medians; what it adds to the time of the first byte is counted from `direct`. */
export function tableRow(name: string, figures: Figures | undefined, direct: Figures | undefined): string {
  if (!figures) return row([name, "-"]);
  const { rps, p50, p99, firstByteP50, firstByteP99, cpuMs, rssMb, reads, failed } = figures;
  const added = direct ? (firstByteP50 - direct.firstByteP50).toFixed(2) : "-";
  const times = [p50, p99, firstByteP50, firstByteP99].map((value) => value.toFixed(2));
  const use = rssMb ? [cpuMs.toFixed(2), String(rssMb)] : ["-", "-"];
  return row([name, rps.toFixed(0), ...times, added, ...use, reads.toFixed(1), String(failed)]);
}
