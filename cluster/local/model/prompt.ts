import { countTokens, IMAGE_TOKENS } from "./tokens.ts";

/** What a request gives the model to read: all its text in order, and how many pictures. */
export interface Prompt {
  text: string;
  images: number;
}

const IMAGE_PARTS = new Set(["image_url", "image", "input_image"]);

/** Collects the strings of messages, system prompts and tool definitions, whatever the API's shape. */
export function readPrompt(...parts: unknown[]): Prompt {
  const prompt = { text: "", images: 0 };
  for (const part of parts) collect(part, prompt);
  return prompt;
}

export const promptTokens = (prompt: Prompt): number => countTokens(prompt.text) + prompt.images * IMAGE_TOKENS;

function collect(value: unknown, prompt: Prompt): void {
  if (typeof value === "string") prompt.text += `${value}\n`;
  else if (Array.isArray(value)) for (const item of value) collect(item, prompt);
  else if (typeof value === "object" && value !== null) collectObject(value, prompt);
}

function collectObject(value: object, prompt: Prompt): void {
  if ("type" in value && typeof value.type === "string" && IMAGE_PARTS.has(value.type)) {
    prompt.images++;
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    // Marks where a prefix may be cached; it moves between turns and is not read by the model.
    if (key !== "cache_control") collect(item, prompt);
  }
}
