/**
 * Everything a running box needs to know, as one JSON document: the content of the Secret's key `box.json`,
 * and what the supervisor in the image renders to OpenClaw's configuration.
 */
import * as z from "zod";

export const BoxConfig = z.object({
  box_id: z.uuid(),
  generation: z.int(),
  language: z.string(),
  thinking_level: z.string(),
  /** The plan's own system prompt; null where the plan or the customer has none. */
  system_prompt: z.string().nullable(),
  model: z.object({
    id: z.string(),
    name: z.string(),
    context_window: z.int(),
    max_output_tokens: z.int(),
    images: z.boolean(),
  }),
  /** Our token proxy: the OpenAI base URL, ending in `/v1`, and the box's own token. */
  proxy: z.object({ base_url: z.url(), token: z.string() }),
  /** Protects the gateway's own API inside the pod. */
  gateway_token: z.string(),
  telegram: z.object({
    bot_token: z.string(),
    allow_from: z.array(z.string()),
    /** The Bot API's root, `https://api.telegram.org`. */
    api_root: z.url(),
  }),
});
export type BoxConfig = z.infer<typeof BoxConfig>;
