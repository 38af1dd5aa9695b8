import type { BoxConfig } from "#schema/contracts/box-config.ts";

/** A box like the fleet-agent writes it, with what a test cares about replaced. */
export function exampleBox(changes: Partial<BoxConfig> = {}): BoxConfig {
  return {
    box_id: "0d6e7f1c-8a55-4a6f-9d57-2f5b1a1f3c11",
    generation: 1,
    language: "de",
    thinking_level: "low",
    system_prompt: null,
    model: { id: "maker/one", name: "One", context_window: 200_000, max_output_tokens: 8_192, images: true },
    proxy: { base_url: "https://edge.example/v1", token: "ocp_live_secret" },
    gateway_token: "gateway-secret",
    telegram: { bot_token: "123456:bot-secret", allow_from: ["7"], api_root: "https://api.telegram.org" },
    ...changes,
  };
}
