/** MODEL_TABLE: providers and models as JSON in a variable of the Worker. More of either needs rows, no code. */
import * as z from "zod";
import { text, webUrl } from "#schema/contracts/parts.ts";
import { MODELS } from "#schema/domain/models.ts";
import { withoutSlash } from "#schema/domain/urls.ts";
import { ENDPOINTS, type Endpoint, FAMILIES } from "./endpoint.ts";
import type { ModelRow, ModelTable, Provider } from "./model-table.ts";

const baseUrl = webUrl.transform(withoutSlash);
const id = text(80).regex(/^[\w.:/-]+$/);

const ProviderEntry = z.strictObject({
  /** The NAME of the secret that holds its key. The suffix keeps our other secrets from being sent to it. */
  key: text(80).regex(/^[A-Z][A-Z0-9_]*_API_KEY$/, "must be the name of a secret that ends in _API_KEY"),
  /** The base URL of `/chat/completions`, `/responses` and `/embeddings`; ends in /v1 at most providers. */
  openai: baseUrl.optional(),
  /** The base URL of `/messages`. */
  anthropic: baseUrl.optional(),
  endpoints: z.array(z.enum(ENDPOINTS)).min(1),
});

const ModelEntry = z.strictObject({
  id,
  name: z.string().min(1).max(80),
  context_window: z.int().positive(),
  aliases: z.array(id).default([]),
  routes: z
    .array(z.strictObject({ provider: z.string(), model: z.string().min(1).max(120) }))
    .min(1)
    .max(3),
});

export const ModelTableEntry = z.strictObject({
  providers: z.record(text(32).regex(/^[a-z0-9-]+$/), ProviderEntry),
  models: z.array(ModelEntry).min(1),
});
export type ModelTableEntry = z.infer<typeof ModelTableEntry>;

/**
 * Moonshot's open platform may serve our customers; a Kimi Code membership key may not. So the coding names
 * map to the platform's model of the same generation.
 */
export function defaultTable(kimiBaseUrl: string): ModelTableEntry {
  const model = "kimi-coding/k2p5";
  const { name, contextWindow } = MODELS[model];
  return {
    providers: {
      moonshot: {
        key: "KIMI_API_KEY",
        openai: `${kimiBaseUrl}/v1`,
        anthropic: `${kimiBaseUrl}/anthropic/v1`,
        endpoints: ["chat/completions", "messages"],
      },
    },
    models: [
      {
        id: model,
        name,
        context_window: contextWindow,
        aliases: ["k2p5", "kimi-for-coding", "kimi-k2.5"],
        routes: [{ provider: "moonshot", model: "kimi-k2.5" }],
      },
    ],
  };
}

/** The table with its keys, or its problems, without values. */
export function resolveTable(entry: ModelTableEntry, bindings: object): ModelTable | { problems: string[] } {
  const problems: string[] = [];
  const providers = new Map<string, Provider>();
  for (const [name, row] of Object.entries(entry.providers)) {
    const apiKey = secretNamed(row.key, bindings);
    if (!apiKey) problems.push(`provider ${name} needs the secret ${row.key}, which is missing`);
    const without = row.endpoints.filter((endpoint) => !row[FAMILIES[endpoint]]);
    for (const endpoint of without)
      problems.push(`provider ${name} has no ${FAMILIES[endpoint]} address for ${endpoint}`);
    providers.set(name, { id: name, apiKey: apiKey ?? "", urls: urlsOf(row) });
  }
  const table = entry.models.map((row): ModelRow => {
    const routes = row.routes.flatMap(({ provider: name, model }) => {
      const provider = providers.get(name);
      if (!provider) problems.push(`model ${row.id} names the provider ${name}, which does not exist`);
      return provider ? [{ provider, upstreamId: model }] : [];
    });
    return { id: row.id, name: row.name, contextWindow: row.context_window, aliases: row.aliases, routes };
  });
  problems.push(...namedTwice(table));
  return problems.length > 0 ? { problems } : table;
}

function urlsOf(row: z.infer<typeof ProviderEntry>): Provider["urls"] {
  const urls: Partial<Record<Endpoint, string>> = {};
  for (const endpoint of row.endpoints) urls[endpoint] = `${row[FAMILIES[endpoint]]}/${endpoint}`;
  return urls;
}

function secretNamed(name: string, bindings: object): string | undefined {
  const value = Object.entries(bindings).find(([key]) => key === name)?.[1];
  return typeof value === "string" && value !== "" ? value : undefined;
}

function namedTwice(table: ModelTable): string[] {
  const names = table.flatMap((row) => [row.id, ...row.aliases]);
  const twice = new Set(names.filter((name, at) => names.indexOf(name) !== at));
  return [...twice].map((name) => `the model name ${name} is used twice`);
}
