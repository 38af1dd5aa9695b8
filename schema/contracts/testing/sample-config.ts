import type { BoxConfig } from "../box-config.ts";

/** A box's settings as the fleet-agent writes them and the supervisor reads them, with what a test cares about replaced. */
export const sampleConfig = (changes: Partial<BoxConfig> = {}): BoxConfig => ({
  box_id: "0d6e7f1c-8a55-4a6f-9d57-2f5b1a1f3c11",
  generation: 1,
  language: "de",
  thinking_level: "low",
  system_prompt: null,
  model: { id: "kimi-coding/k2p5", name: "Kimi", context_window: 262_144, max_output_tokens: 32_768, images: true },
  proxy: { base_url: "https://edge.example/v1", token: "ocp_canary_proxy" },
  gateway_token: "canary-gateway",
  telegram: { bot_token: "123456789:canary", allow_from: ["42"], api_root: "https://api.telegram.org" },
  ...changes,
});
