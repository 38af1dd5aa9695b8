/**
 * Everything a running box needs to know, as one JSON document: the content of the Secret's key `box.json`,
 * and what the supervisor in the image renders to OpenClaw's configuration.
 */
import * as z from "zod";
import { webUrl } from "./parts.ts";

const filled = z.string().min(1);

/** The key of the Secret, and the name of the file that pods have it under. */
export const CONFIG_FILE = "box.json";

export const BoxConfig = z.object({
  box_id: z.uuid(),
  generation: z.int(),
  language: filled,
  thinking_level: filled,
  /** The customer's system prompt; null if the plan or the customer has none. */
  system_prompt: z.string().nullable(),
  model: z.object({
    id: filled,
    name: filled,
    context_window: z.int().positive(),
    max_output_tokens: z.int().positive(),
    images: z.boolean(),
  }),
  /** Our token proxy: the OpenAI base URL, ending in `/v1`, and the box's own token. */
  proxy: z.object({ base_url: webUrl, token: filled }),
  /** Protects the gateway's own API inside the pod. */
  gateway_token: filled,
  telegram: z.object({
    /** Empty in a box of the warm pool, which has no bot yet. */
    bot_token: z.string(),
    allow_from: z.array(filled),
    /** The Bot API's root, `https://api.telegram.org`. */
    api_root: webUrl,
  }),
});
export type BoxConfig = z.infer<typeof BoxConfig>;
