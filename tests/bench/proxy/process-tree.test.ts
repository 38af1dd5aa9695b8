import { expect, test } from "vitest";
import { parseStat } from "./process-tree.ts";

test("a process with spaces and brackets in its name", () => {
  const fields = Array.from({ length: 50 }, (_, i) => String(i + 3));
  fields[0] = "S";
  expect(parseStat(`12 (a (b) c) ${fields.join(" ")}`)).toEqual({
    parent: 4,
    cpuMs: (14 + 15) * 10,
    rssMb: (24 * 4_096) / 2 ** 20,
  });
});
