import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterEach } from "vitest";
import { type Served, serve } from "../../http/serve.ts";
import { createModel, type ModelOptions, type ModelStandIn } from "../model.ts";

const API_KEY = "sk-stand-in";

export const model = "kimi-k2.5";
export const hello = [{ role: "user" as const, content: "hello" }];
export const weather = { type: "object" as const, properties: {} };

/** Starts stand-ins with the vendors' clients; each ends with its test. */
export function setUpModel() {
  const open: { served: Served; model: ModelStandIn }[] = [];
  afterEach(async () => {
    for (const { served, model } of open.splice(0)) {
      await model.close();
      await served.close();
    }
  });
  return async (options: Partial<ModelOptions> = {}) => {
    const model = createModel({ apiKey: API_KEY, chunkDelayMs: 0, ...options });
    const served = await serve(model.app);
    open.push({ served, model });
    const base = served.url;
    const openai = new OpenAI({ apiKey: API_KEY, baseURL: `${base}/v1`, maxRetries: 0 });
    const anthropic = new Anthropic({ apiKey: API_KEY, baseURL: `${base}/anthropic`, maxRetries: 0 });
    return { model, openai, anthropic, base };
  };
}

export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}
