import { describe, expect, it } from "vitest";
import { defaultTable, ModelTableEntry, resolveTable } from "./model-table-config.ts";

const entry = (over: { provider?: object; models?: object[] } = {}) => ({
  providers: {
    acme: {
      key: "ACME_API_KEY",
      openai: "https://api.acme.example/v1/",
      endpoints: ["chat/completions", "embeddings"],
      ...over.provider,
    },
  },
  models: over.models ?? [
    { id: "acme/large", name: "Large", context_window: 8_000, routes: [{ provider: "acme", model: "large-1" }] },
  ],
});
const secrets = { ACME_API_KEY: "sk-acme", KEK_CURRENT: "never" };
const resolve = (raw: unknown, bindings: object = secrets) => resolveTable(ModelTableEntry.parse(raw), bindings);

describe("resolveTable", () => {
  it("turns rows into addresses and keys", () => {
    expect(resolve(entry())).toEqual([
      {
        id: "acme/large",
        name: "Large",
        contextWindow: 8_000,
        aliases: [],
        routes: [
          {
            upstreamId: "large-1",
            provider: {
              id: "acme",
              apiKey: "sk-acme",
              urls: {
                "chat/completions": "https://api.acme.example/v1/chat/completions",
                embeddings: "https://api.acme.example/v1/embeddings",
              },
            },
          },
        ],
      },
    ]);
  });

  it("takes the built-in table", () => {
    const table = resolveTable(defaultTable("https://kimi.example"), { KIMI_API_KEY: "sk-kimi" });
    expect(table).toMatchObject([
      { id: "kimi-coding/k2p5", routes: [{ upstreamId: "kimi-k2.5", provider: { apiKey: "sk-kimi" } }] },
    ]);
    expect(ModelTableEntry.parse(defaultTable("https://kimi.example"))).toEqual(defaultTable("https://kimi.example"));
  });

  const model = { name: "L", context_window: 1, routes: [{ provider: "acme", model: "x" }] };
  it.each([
    ["a secret that is missing", entry(), {}, "acme needs the secret ACME_API_KEY"],
    ["an empty secret", entry(), { ACME_API_KEY: "" }, "acme needs the secret ACME_API_KEY"],
    ["a call without an address", entry({ provider: { endpoints: ["messages"] } }), secrets, "no anthropic address"],
    [
      "a provider that is not there",
      entry({ models: [{ ...model, id: "x", routes: [{ provider: "other", model: "x" }] }] }),
      secrets,
      "names the provider other",
    ],
    [
      "two models of one name",
      entry({
        models: [
          { ...model, id: "x" },
          { ...model, id: "y", aliases: ["x"] },
        ],
      }),
      secrets,
      "the model name x is used twice",
    ],
  ])("names %s", (_, raw, bindings, words) => {
    expect(resolve(raw, bindings)).toEqual({ problems: [expect.stringContaining(words)] });
  });

  it.each([
    ["another secret of ours", entry({ provider: { key: "KEK_CURRENT" } })],
    ["an address that is no web address", entry({ provider: { openai: "file:///etc/passwd" } })],
    ["a field that nobody knows", entry({ provider: { timeout: 3 } })],
    ["no model", entry({ models: [] })],
  ])("refuses %s", (_, raw) => {
    expect(ModelTableEntry.safeParse(raw).success).toBe(false);
  });
});
