import { createHash } from "node:crypto";
import * as z from "zod";
import { promptTokens, readPrompt } from "./tokens.ts";

const Body = z.looseObject({
  model: z.string(),
  input: z.union([z.string(), z.array(z.string()).min(1)]),
  encoding_format: z.enum(["float", "base64"]).optional(),
});

/** `POST /v1/embeddings`: vectors that only say whether two texts are the same. @throws ZodError */
export function embed(body: unknown) {
  const { model, input, encoding_format } = Body.parse(body);
  const tokens = promptTokens(readPrompt(input));
  const data = [input].flat().map((text, index) => {
    const vector = Float32Array.from(createHash("sha256").update(text).digest(), (byte) => byte / 256);
    const embedding = encoding_format === "base64" ? Buffer.from(vector.buffer).toString("base64") : [...vector];
    return { object: "embedding", index, embedding };
  });
  return { object: "list", model, data, usage: { prompt_tokens: tokens, total_tokens: tokens } };
}
