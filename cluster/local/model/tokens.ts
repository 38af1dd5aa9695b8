/** A token here is four code points: no real tokenizer, but the same text always costs the same. */
const CODE_POINTS_PER_TOKEN = 4;
/** The cost of one picture, whatever its size: base64 must not count as text. */
const IMAGE_TOKENS = 1024;
/** Prefix caches hold whole blocks only. */
const CACHE_BLOCK = 64;

/** What a request gives the model to read: all its text in order, and how many pictures. */
export interface Prompt {
  text: string;
  images: number;
}

/** The pieces a text is made of; joined again they are the text. */
export function tokenize(text: string): string[] {
  const points = Array.from(text);
  return Array.from({ length: Math.ceil(points.length / CODE_POINTS_PER_TOKEN) }, (_, at) =>
    points.slice(at * CODE_POINTS_PER_TOKEN, (at + 1) * CODE_POINTS_PER_TOKEN).join(""),
  );
}

const countTokens = (text: string): number => Math.ceil(Array.from(text).length / CODE_POINTS_PER_TOKEN);

export const promptTokens = ({ text, images }: Prompt): number => countTokens(text) + images * IMAGE_TOKENS;

/** The length of the common prefix of two prompts. */
export function sharedPrefixTokens(before: string, now: string): number {
  let length = 0;
  while (length < before.length && length < now.length && before[length] === now[length]) length++;
  const tokens = Math.floor(length / CODE_POINTS_PER_TOKEN);
  return tokens - (tokens % CACHE_BLOCK);
}

/** Collects the strings of messages, system prompts and tool definitions, whatever the API's shape. */
export function readPrompt(...parts: unknown[]): Prompt {
  const prompt = { text: "", images: 0 };
  for (const part of parts) collect(part, prompt);
  return prompt;
}

const IMAGE_PARTS = new Set(["image_url", "image", "input_image"]);

function collect(value: unknown, prompt: Prompt): void {
  if (typeof value === "string") prompt.text += `${value}\n`;
  if (typeof value !== "object" || value === null) return;
  if ("type" in value && IMAGE_PARTS.has(String(value.type))) prompt.images++;
  // `cache_control` marks where a prefix may be cached; it moves between turns and is not read by the model.
  else for (const [key, item] of Object.entries(value)) if (key !== "cache_control") collect(item, prompt);
}
