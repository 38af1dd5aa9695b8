export interface Column<T> {
  title: string;
  value(row: T): string;
}

/** Rows under their titles, columns two spaces apart; the last one is as long as it is. */
export function table<T>(columns: readonly Column<T>[], rows: readonly T[]): string {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ value }) => oneLine(value(row)))),
  ];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i]?.length ?? 0)));
  return cells
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** `name  value` lines for one thing; what has no value is left out. */
export function details(entries: readonly (readonly [name: string, value: string | null | undefined])[]): string {
  const given = entries.flatMap(([name, value]) => (value === null || value === undefined ? [] : [[name, value]]));
  const width = Math.max(0, ...given.map(([name = ""]) => name.length));
  return given.map(([name = "", value = ""]) => `${name.padEnd(width)}  ${printable(value)}`).join("\n");
}

const oneLine = (text: string): string => printable(text).replaceAll("\n", " ");

/** What a customer or a pod wrote must not move the cursor or colour the screen of an operator. */
export const printable = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  text.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
