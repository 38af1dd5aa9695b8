/**
 * `Upstash-Retry-Delay`: a tiny arithmetic language with one variable, `retried`, that yields milliseconds.
 * Numbers, + - * /, parentheses and the functions below; nothing else, and nothing is ever evaluated as code.
 * Source: QStash's OpenAPI description of the header.
 */
export type Expression = (retried: number) => number;

const FUNCTIONS: Record<string, { arity: number; apply: (x: number, y: number) => number }> = {
  pow: { arity: 2, apply: (x, y) => x ** y },
  min: { arity: 2, apply: (x, y) => Math.min(x, y) },
  max: { arity: 2, apply: (x, y) => Math.max(x, y) },
  sqrt: { arity: 1, apply: Math.sqrt },
  abs: { arity: 1, apply: Math.abs },
  exp: { arity: 1, apply: Math.exp },
  floor: { arity: 1, apply: Math.floor },
  ceil: { arity: 1, apply: Math.ceil },
  round: { arity: 1, apply: Math.round },
};
const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|([a-z]+)|([-+*/(),]))/y;
const MAX_LENGTH = 1_000;
const MAX_DEPTH = 50;

export class ExpressionError extends Error {}

/** @throws ExpressionError that names what it could not read. */
export function parseExpression(text: string): Expression {
  if (text.length > MAX_LENGTH) throw new ExpressionError(`longer than ${MAX_LENGTH} characters`);
  const reader = createReader(tokenize(text));
  const expression = readSum(reader, 0);
  const rest = reader.next();
  if (rest !== undefined) throw new ExpressionError(`unexpected "${rest}"`);
  return expression;
}

interface Reader {
  peek(): string | undefined;
  next(): string | undefined;
  expect(token: string): void;
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  const source = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(source);
    if (!match) throw new ExpressionError(`unexpected "${source.slice(at).trim().slice(0, 10)}"`);
    tokens.push(match[0].trim());
  }
  return tokens;
}

function createReader(tokens: string[]): Reader {
  let position = 0;
  return {
    peek: () => tokens[position],
    next: () => tokens[position++],
    expect(token) {
      const found = tokens[position++];
      if (found !== token) throw new ExpressionError(`expected "${token}", found "${found ?? "the end"}"`);
    },
  };
}

function readSum(reader: Reader, depth: number): Expression {
  if (depth > MAX_DEPTH) throw new ExpressionError("nested too deeply");
  let left = readProduct(reader, depth);
  for (let sign = reader.peek(); sign === "+" || sign === "-"; sign = reader.peek()) {
    reader.next();
    left = combine(sign, left, readProduct(reader, depth));
  }
  return left;
}

function readProduct(reader: Reader, depth: number): Expression {
  let left = readFactor(reader, depth);
  for (let sign = reader.peek(); sign === "*" || sign === "/"; sign = reader.peek()) {
    reader.next();
    left = combine(sign, left, readFactor(reader, depth));
  }
  return left;
}

function readFactor(reader: Reader, depth: number): Expression {
  const token = reader.next();
  if (token === undefined) throw new ExpressionError("unexpected end");
  if (token === "-" || token === "+") {
    if (depth > MAX_DEPTH) throw new ExpressionError("nested too deeply");
    return combine(token, () => 0, readFactor(reader, depth + 1));
  }
  if (token === "(") {
    const inner = readSum(reader, depth + 1);
    reader.expect(")");
    return inner;
  }
  if (token === "retried") return (retried) => retried;
  if (/^\d/.test(token)) return () => Number(token);
  return readCall(token, reader, depth);
}

function readCall(name: string, reader: Reader, depth: number): Expression {
  if (!/^[a-z]/.test(name)) throw new ExpressionError(`unexpected "${name}"`);
  const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (!known) throw new ExpressionError(`unknown name "${name}"`);
  reader.expect("(");
  const x = readSum(reader, depth + 1);
  if (known.arity === 2) reader.expect(",");
  const y = known.arity === 2 ? readSum(reader, depth + 1) : () => 0;
  reader.expect(")");
  return (retried) => known.apply(x(retried), y(retried));
}

function combine(sign: "+" | "-" | "*" | "/", left: Expression, right: Expression): Expression {
  switch (sign) {
    case "+":
      return (retried) => left(retried) + right(retried);
    case "-":
      return (retried) => left(retried) - right(retried);
    case "*":
      return (retried) => left(retried) * right(retried);
    case "/":
      return (retried) => left(retried) / right(retried);
  }
}
