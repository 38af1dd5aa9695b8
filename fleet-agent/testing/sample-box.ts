import type { BoxConfig } from "#schema/contracts/box-config.ts";
import type { DesiredBox } from "#schema/contracts/fleet.ts";
import { newId } from "#schema/domain/ids.ts";

/** A box of its own for each test. */
export function sampleBox(more: Partial<DesiredBox> = {}): DesiredBox {
  const box_id = more.box_id ?? newId();
  return {
    box_id,
    customer_id: newId(),
    generation: 3,
    fence: 7,
    status: "active",
    tier: "starter",
    restart_token: "r1",
    config: sampleConfig(box_id),
    ...more,
  };
}

export const sampleConfig = (box_id: string, more: Partial<BoxConfig> = {}): BoxConfig => ({
  box_id,
  generation: 3,
  language: "de",
  thinking_level: "low",
  system_prompt: null,
  model: { id: "kimi-coding/k2p5", name: "Kimi", context_window: 262_144, max_output_tokens: 32_768, images: true },
  proxy: { base_url: "https://edge.example/v1", token: "ocp_canary_proxy" },
  gateway_token: "canary-gateway",
  telegram: { bot_token: "123456789:canary", allow_from: ["42"], api_root: "https://api.telegram.org" },
  ...more,
});
