import { MODELS, type ModelId } from "#schema/domain/models.ts";
import { ProxyError } from "./proxy-error.ts";

/** A model as clients may name it and as the provider calls it. More models and providers are more rows. */
export interface ModelRow {
  id: ModelId;
  aliases: readonly string[];
  upstreamId: string;
}

/**
 * Moonshot's open platform may serve customers of ours; a Kimi Code membership key may not, so the coding
 * names lead to the platform's model of the same generation.
 */
export const MODEL_TABLE: readonly ModelRow[] = [
  { id: "kimi-coding/k2p5", aliases: ["k2p5", "kimi-for-coding", "kimi-k2.5"], upstreamId: "kimi-k2.5" },
];

/** Throws `model_not_found` for anything that is not in the table. */
export function findModel(name: unknown): ModelRow {
  if (typeof name !== "string") throw new ProxyError("invalid_request", "model must be a string", { param: "model" });
  const row = MODEL_TABLE.find((one) => one.id === name || one.aliases.includes(name));
  if (row) return row;
  const known = MODEL_TABLE.map((one) => one.id).join(", ");
  const shown = name.length > 80 ? `${name.slice(0, 80)}…` : name;
  throw new ProxyError("model_not_found", `The model "${shown}" is not part of your plan. Use ${known}.`, {
    param: "model",
  });
}

/** `GET /v1/models`, in a shape that both vendors' clients read. */
export function modelList(): object {
  const data = MODEL_TABLE.map(({ id }) => ({
    id,
    object: "model",
    type: "model",
    display_name: MODELS[id].name,
    created: 0,
    created_at: "1970-01-01T00:00:00Z",
    owned_by: "openclaw-cloud",
    context_window: MODELS[id].contextWindow,
  }));
  return { object: "list", data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
}
