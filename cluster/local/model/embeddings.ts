import { createHash } from "node:crypto";
import * as z from "zod";
import { BadRequest } from "./ask.ts";
import { countTokens } from "./tokens.ts";

const Body = z.looseObject({
  model: z.string(),
  input: z.union([z.string(), z.array(z.string()).min(1)]),
  encoding_format: z.enum(["float", "base64"]).optional(),
  dimensions: z.int().min(1).max(4096).optional(),
});

const DEFAULT_DIMENSIONS = 256;

/** `POST /v1/embeddings`: unit vectors that only say whether two texts are the same. @throws BadRequest */
export function embed(body: unknown) {
  const parsed = Body.safeParse(body);
  if (!parsed.success) throw new BadRequest(z.prettifyError(parsed.error));
  const { model, input, encoding_format, dimensions = DEFAULT_DIMENSIONS } = parsed.data;
  const texts = typeof input === "string" ? [input] : input;
  const tokens = texts.reduce((sum, text) => sum + countTokens(text), 0);
  const data = texts.map((text, index) => {
    const vector = vectorOf(text, dimensions);
    const embedding = encoding_format === "base64" ? Buffer.from(vector.buffer).toString("base64") : [...vector];
    return { object: "embedding", index, embedding };
  });
  return {
    model,
    tokens,
    body: { object: "list", model, data, usage: { prompt_tokens: tokens, total_tokens: tokens } },
  };
}

function vectorOf(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  for (let at = 0; at < dimensions; at += 32) {
    const digest = createHash("sha256").update(`${at}|${text}`).digest();
    for (let n = 0; n < 32 && at + n < dimensions; n++) vector[at + n] = digest.readInt8(n);
  }
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}
