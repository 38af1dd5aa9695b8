import { describe, expect, it } from "vitest";
import { readLocalConfig } from "./config.ts";

describe("readLocalConfig", () => {
  it("takes a copied .env.example, where everything is empty, for no configuration", () => {
    expect(readLocalConfig({ DATABASE_URL: "", PORT: "", HOST: "" })).toEqual(readLocalConfig({}));
  });

  it.each([
    [{ PORT: "abc" }, "PORT: must be a number"],
    [{ DATABASE_URL: "mysql://x" }, "DATABASE_URL: must look like postgresql://"],
    [{ KIMI_BASE_URL: "api.moonshot.ai" }, "KIMI_BASE_URL: must be an address"],
    [{ UPSTASH_REDIS_REST_URL: "https://x.example" }, "UPSTASH_REDIS_REST_TOKEN is needed too"],
    [{ MODEL_TABLE: '{"providers":{"moonshot":{"key":"KIMI_API_KEY"}}}' }, "KIMI_API_KEY, so it has to be set"],
    [{ QSTASH_TOKEN: "t" }, "QSTASH_CURRENT_SIGNING_KEY is needed too"],
    [{ KUBECONFIG: "/k" }, "GATEWAY_IMAGE is needed too"],
    [{ KUBECONFIG: "/k", GATEWAY_IMAGE: "i" }, "HOST must be an address of this machine"],
  ])("says in words what is wrong with %j", (environment, words) => {
    expect(() => readLocalConfig(environment)).toThrow(words);
  });

  it("never repeats a value", () => {
    expect(() => readLocalConfig({ DATABASE_URL: "mysql://user:hush@h/d" })).toThrow(/^(?!.*hush)/s);
  });
});
