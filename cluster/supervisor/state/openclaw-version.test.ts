import { expect, test } from "vitest";
import { isNewer } from "./openclaw-version.ts";

test.each([
  ["2026.9.6", "2026.9.6", false],
  ["2026.9.7", "2026.9.6", true],
  ["2026.10.1", "2026.9.6", true],
  ["2026.9.6", "2026.10.1", false],
  ["2026.9.6.1", "2026.9.6", true],
  ["2026.9.6-1", "2026.9.6", false],
  ["2027.1", "2026.12.30", true],
])("%s against %s", (version, than, expected) => {
  expect(isNewer(version, than)).toBe(expected);
});
