import { vi } from "vitest";

/** Keeps what is logged from here on, as objects: to be called before each test. */
export function keepLogLines(): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = [];
  vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(JSON.parse(line)));
  return lines;
}
