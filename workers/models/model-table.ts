/** The models that clients may name, and the providers of each. Read from configuration: model-table-config.ts. */
import type { Endpoint } from "./endpoint.ts";

export interface Provider {
  id: string;
  apiKey: string;
  /** The URL of each endpoint that it has. */
  urls: Readonly<Partial<Record<Endpoint, string>>>;
}

/** A provider that serves a model, and the provider's name for it. */
export interface ModelRoute {
  provider: Provider;
  upstreamId: string;
}

export interface ModelRow {
  /** Our name, as in the ledger and `/v1/models`. */
  id: string;
  name: string;
  contextWindow: number;
  aliases: readonly string[];
  /** In the order in which they are tried. */
  routes: readonly ModelRoute[];
}

export type ModelTable = readonly ModelRow[];
