import { expect, it } from "vitest";
import { details, printable, table } from "./table.ts";

const COLUMNS = [
  { title: "A", value: (row: { a: string; b: string }) => row.a },
  { title: "LONG", value: (row: { a: string; b: string }) => row.b },
];

it("puts columns under their titles, without trailing blanks", () => {
  const rows = [
    { a: "x", b: "1" },
    { a: "longer", b: "" },
  ];
  expect(table(COLUMNS, rows)).toBe("A       LONG\nx       1\nlonger");
});

it("keeps a row on one line", () => {
  expect(table(COLUMNS, [{ a: "one\ntwo", b: "3" }]).split("\n")).toHaveLength(2);
});

it("leaves out what has no value", () => {
  expect(
    details([
      ["box", "1"],
      ["reason", null],
      ["status", "active"],
    ]),
  ).toBe("box     1\nstatus  active");
});

it("lets nothing that others wrote move the cursor or hide what is there", () => {
  for (const evil of ["\u001b[2J", "\r", "\u0007", "\u202e", "\u009b1m"])
    expect(printable(`a${evil}b`)).not.toContain(evil);
  expect(printable("ü — 猫\nnext\ttab")).toBe("ü — 猫\nnext\ttab");
});
