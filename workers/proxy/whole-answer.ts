import type { Endpoint } from "../models/endpoint.ts";
import { messageBytes } from "./collect-bytes.ts";
import { DIALECTS } from "./dialects/dialect.ts";
import { readUsage } from "./dialects/usage-report.ts";
import { ProxyError } from "./proxy-error.ts";
import { isRecord } from "./read-body.ts";
import type { RelayEnd } from "./stream/relay.ts";
import type { ProviderAnswer } from "./upstream/ask-provider.ts";

/** Larger than any model's longest answer. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

export interface WholeAnswer {
  bytes: Uint8Array;
  end: RelayEnd;
}

const UTF8 = new TextDecoder();

/** An unstreamed answer, read to its end within the time it has, and what it says of its usage. */
export async function readWhole(endpoint: Endpoint, upstream: ProviderAnswer): Promise<WholeAnswer> {
  try {
    const bytes = await collect(upstream.response);
    const text = UTF8.decode(bytes);
    const json = parse(text);
    if (!isAnswer(json)) throw unavailable("The model provider sent no answer");
    const report = readUsage(DIALECTS[endpoint], json);
    // Four bytes a token, where the provider does not say; an embedding is none.
    const outputEvents = report || endpoint === "embeddings" ? 0 : Math.ceil(bytes.length / 4);
    return { bytes, end: { outcome: "completed", report, outputEvents } };
  } catch (error) {
    if (error instanceof ProxyError) throw error;
    throw unavailable("The model provider broke off its answer");
  } finally {
    upstream.read();
  }
}

async function collect(response: Response): Promise<Uint8Array> {
  const bytes = await messageBytes(response, MAX_ANSWER_BYTES);
  if (!bytes) throw unavailable("The model's answer is too large");
  return bytes;
}

const unavailable = (message: string): ProxyError =>
  new ProxyError("upstream_failed", message, { failure: "model_unavailable" });

/** Not a page, and not an error under a status that says that all is well. */
const isAnswer = (json: unknown): boolean => isRecord(json) && json.error == null && json.type !== "error";

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
