import type { ListedBox } from "#schema/contracts/comparison.ts";
import type { DesiredBox } from "#schema/contracts/fleet.ts";
import { newId } from "#schema/domain/ids.ts";
import { MODELS } from "#schema/domain/models.ts";

/** A box as the edge describes a new customer's. */
export function newBox(status: "active" | "suspended" = "active"): DesiredBox {
  const id = newId();
  const model = MODELS["kimi-coding/k2p5"];
  return {
    box_id: id,
    customer_id: newId(),
    generation: 1,
    fence: 1,
    status,
    tier: "starter",
    restart_token: "0",
    config: {
      box_id: id,
      generation: 1,
      language: "en",
      thinking_level: "low",
      system_prompt: null,
      model: {
        id: "kimi-coding/k2p5",
        name: model.name,
        context_window: model.contextWindow,
        max_output_tokens: model.maxOutputTokens,
        images: model.images,
      },
      proxy: { base_url: "https://edge.example/v1", token: "none: no gateway runs in a fake pod" },
      gateway_token: "none",
      telegram: { bot_token: "1:none", allow_from: ["1001"], api_root: "https://api.telegram.org" },
    },
  };
}

/** The same in the list by which an agent compares its cluster with what should be. */
export function listed({ customer_id: _, config: __, ...box }: DesiredBox): ListedBox {
  return { ...box, observed_generation: box.generation, busy: false };
}
