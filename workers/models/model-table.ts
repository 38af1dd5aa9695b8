/** The models that clients may name, and who serves each. Read from configuration: model-table-config.ts. */
import type { Endpoint } from "./endpoint.ts";

export interface Provider {
  id: string;
  apiKey: string;
  /** Where it answers each call that it knows. */
  urls: Readonly<Partial<Record<Endpoint, string>>>;
}

/** One provider that serves a model, and the provider's own name of it. */
export interface ModelRoute {
  provider: Provider;
  upstreamId: string;
}

export interface ModelRow {
  /** Ours: what the ledger and `/v1/models` show. */
  id: string;
  name: string;
  contextWindow: number;
  aliases: readonly string[];
  /** In the order in which they are asked. */
  routes: readonly ModelRoute[];
}

export type ModelTable = readonly ModelRow[];
