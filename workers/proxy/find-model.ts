/** A model by the name that a client gives it. */
import { ENDPOINTS, type Endpoint } from "../models/endpoint.ts";
import type { ModelRoute, ModelRow, ModelTable } from "../models/model-table.ts";
import { ProxyError } from "./proxy-error.ts";

/** Throws `model_not_found` for anything that is not in the table. */
export function findModel(table: ModelTable, name: unknown): ModelRow {
  if (typeof name !== "string") throw new ProxyError("invalid_request", "model must be a string", { param: "model" });
  const row = table.find((one) => one.id === name || one.aliases.includes(name));
  if (row) return row;
  const known = table.map((one) => one.id).join(", ");
  const shown = name.length > 80 ? `${name.slice(0, 80)}…` : name;
  throw new ProxyError("model_not_found", `The model "${shown}" is not part of your plan. Use ${known}.`, {
    param: "model",
  });
}

/**
 * The model's providers that know the call. Nothing is translated between the two APIs: a model that no provider
 * serves in this one is refused with the calls that it does have. Throws `wrong_endpoint` or `not_found`.
 */
export function routesFor(row: ModelRow, endpoint: Endpoint): readonly ModelRoute[] {
  const routes = row.routes.filter(({ provider }) => provider.urls[endpoint]);
  if (routes.length > 0) return routes;
  const isChat = endpoint === "chat/completions" || endpoint === "messages";
  const has = endpointsOf(row).map((one) => `POST /v1/${one}`);
  const words = `The model ${row.id} does not have /v1/${endpoint}. Use ${has.join(" or ")}.`;
  throw new ProxyError(isChat ? "wrong_endpoint" : "not_found", words, { param: "model" });
}

const endpointsOf = ({ routes }: ModelRow): Endpoint[] =>
  ENDPOINTS.filter((endpoint) => routes.some(({ provider }) => provider.urls[endpoint]));

/** `GET /v1/models`, in a shape that both vendors' clients read. */
export function modelList(table: ModelTable): object {
  const data = table.map(modelView);
  return { object: "list", data, has_more: false, first_id: table[0]?.id ?? null, last_id: table.at(-1)?.id ?? null };
}

/** `GET /v1/models/{id}`. */
export const modelView = ({ id, name, contextWindow }: ModelRow): object => ({
  id,
  object: "model",
  type: "model",
  display_name: name,
  created: 0,
  created_at: "1970-01-01T00:00:00Z",
  owned_by: "openclaw-cloud",
  context_window: contextWindow,
});
