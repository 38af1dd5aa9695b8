import fc from "fast-check";
import { expect, test } from "vitest";
import { ExpressionError, parseExpression } from "./expression.ts";

test.each([
  ["1000", 2, 1_000],
  ["1000 * (1 + retried)", 2, 3_000],
  ["pow(2, retried) * 1000", 3, 8_000],
  ["max(1000, pow(2, retried) * 100)", 1, 1_000],
  ["min(60000, pow(2,retried)*1000)", 7, 60_000],
  ["1 + 2 * 3 - 4 / 2", 0, 5],
  ["10 - 3 - 2", 0, 5],
  ["100 / 5 / 2", 0, 10],
  ["-retried + 5", 2, 3],
  ["2 * -3", 0, -6],
  ["--4", 0, 4],
  ["sqrt(16) + abs(0-2) + floor(1.9) + ceil(1.1) + round(2.5)", 0, 12],
  ["exp(0)", 0, 1],
  ["  ( ( retried ) )  ", 4, 4],
])("%s at %i is %d", (text, retried, value) => {
  expect(parseExpression(text)(retried)).toBe(value);
});

test.each([
  ["", "end"],
  ["1 +", "end"],
  ["(1", 'expected ")"'],
  ["1)", 'unexpected ")"'],
  ["1 2", 'unexpected "2"'],
  ["pow(2)", 'expected ","'],
  ["abs(1, 2)", 'expected ")"'],
  ["pow 2", 'expected "("'],
  ["tries", 'unknown name "tries"'],
  ["constructor(1)", 'unknown name "constructor"'],
  ["process.exit()", "unexpected"],
  ["2 ** 3", 'unexpected "*"'],
  ["`1`", "unexpected"],
  ["(".repeat(200), "nested"],
  ["-".repeat(500), "nested"],
  ["1".repeat(2_000), "longer"],
])("%s is refused", (text, why) => {
  expect(() => parseExpression(text)).toThrow(ExpressionError);
  expect(() => parseExpression(text)).toThrow(why);
});

test("agrees with arithmetic on whatever it accepts", () => {
  const number = fc.nat(1_000).map((value) => ({ text: `${value}`, value }));
  const { tree } = fc.letrec<{ tree: { text: string; value: number } }>((tie) => ({
    tree: fc.oneof(
      { depthSize: "small" },
      number,
      fc.tuple(tie("tree"), fc.constantFrom("+", "-", "*"), tie("tree")).map(([a, sign, b]) => ({
        text: `(${a.text} ${sign} ${b.text})`,
        value: sign === "+" ? a.value + b.value : sign === "-" ? a.value - b.value : a.value * b.value,
      })),
      fc.tuple(tie("tree"), tie("tree")).map(([a, b]) => ({
        text: `max(${a.text},${b.text})`,
        value: Math.max(a.value, b.value),
      })),
    ),
  }));
  fc.assert(
    fc.property(
      tree.filter(({ text }) => text.length < 1_000),
      ({ text, value }) => {
        expect(parseExpression(text)(0)).toBeCloseTo(value, 5);
      },
    ),
  );
});

test("never fails but with its own error", () => {
  const text = fc.string({ unit: fc.constantFrom(..."12.()+-*/, retidpowmaxsqcul".split("")), maxLength: 40 });
  fc.assert(
    fc.property(text, (source) => {
      try {
        expect(parseExpression(source)(1)).toBeTypeOf("number");
      } catch (error) {
        expect(error).toBeInstanceOf(ExpressionError);
      }
    }),
  );
});
