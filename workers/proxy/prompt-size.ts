import { isRecord } from "./read-body.ts";

/**
 * An image is billed by its pixels, not by its bytes: 28 × 28 of them make a token, and the provider scales larger
 * pictures down to 4096 × 2160, some 11,300 tokens.
 */
const IMAGE_UPPER = 12_000;
const IMAGE_ESTIMATE = 1_500;
/** What the chat template adds around each message, generously. */
const MESSAGE_OVERHEAD = 8;
/** Deeper than any real request nests its content. */
const MAX_DEPTH = 12;

export interface PromptSize {
  /** An upper bound of the prompt's tokens, as bytes of text: a byte-level tokeniser makes at most one of each. */
  promptBytes: number;
  /** What it will probably be: four bytes a token. */
  promptEstimate: number;
}

/** How large the prompt of a parsed body of `bytes` bytes is. */
export function promptSize(body: Record<string, unknown>, bytes: number): PromptSize {
  const messages = [body.messages, body.input].find(Array.isArray) ?? [];
  const images = findImages(messages, 0);
  const text = Math.max(0, bytes - images.bytes);
  return {
    promptBytes: text + messages.length * MESSAGE_OVERHEAD + images.count * IMAGE_UPPER,
    promptEstimate: Math.ceil(text / 4) + images.count * IMAGE_ESTIMATE,
  };
}

interface Images {
  count: number;
  /** Base64 characters that are not text to the model. */
  bytes: number;
}

function findImages(value: unknown, depth: number): Images {
  if (depth > MAX_DEPTH) return { count: 0, bytes: 0 };
  const own = isRecord(value) ? imageOf(value) : undefined;
  if (own) return own;
  const inner = Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : [];
  const found: Images = { count: 0, bytes: 0 };
  for (const one of inner) {
    if (typeof one !== "object" || one === null) continue;
    const { count, bytes } = findImages(one, depth + 1);
    found.count += count;
    found.bytes += bytes;
  }
  return found;
}

/** OpenAI's `image_url` or `input_image` part, or Anthropic's `image` block. Only the picture's own data is taken off the text. */
function imageOf(part: Record<string, unknown>): Images | undefined {
  if (part.type === "image_url" || part.type === "input_image") {
    const url = isRecord(part.image_url) ? part.image_url.url : part.image_url;
    return { count: 1, bytes: typeof url === "string" && url.startsWith("data:image/") ? url.length : 0 };
  }
  if (part.type === "image" && isRecord(part.source)) {
    const { type, data } = part.source;
    return { count: 1, bytes: type === "base64" && typeof data === "string" ? data.length : 0 };
  }
  return undefined;
}
