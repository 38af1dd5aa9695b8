import { describe, expect, it } from "vitest";
import { readLocalConfig } from "./config.ts";
import { edgeVars } from "./edge-vars.ts";
import { localSecrets } from "./secrets.ts";

const urls = {
  edge: "http://127.0.0.1:1",
  telegram: "http://127.0.0.1:2",
  chats: "http://127.0.0.1:3",
  mail: "http://127.0.0.1:4",
  qstash: "http://127.0.0.1:5",
  neon: "http://127.0.0.1:6",
  redis: "http://127.0.0.1:7",
  model: "http://127.0.0.1:8",
  s3: "http://127.0.0.1:9",
};
const secrets = await localSecrets();
const vars = (environment: Record<string, string>) => edgeVars(readLocalConfig(environment), secrets, urls);

describe("the Worker's models", () => {
  it("come from the stand-in with a key of this machine, until there is a real one", () => {
    expect(vars({})).toMatchObject({ KIMI_BASE_URL: urls.model, KIMI_API_KEY: secrets.modelKey });
    expect(vars({ KIMI_API_KEY: "sk-real" })).toMatchObject({ KIMI_API_KEY: "sk-real" });
    expect(vars({ KIMI_API_KEY: "sk-real" })).not.toHaveProperty("KIMI_BASE_URL");
  });

  it("of a table go on with the keys that it may name, and with no other secret", () => {
    const MODEL_TABLE = '{"providers":{"acme":{"key":"ACME_API_KEY"}}}';
    const given = vars({ MODEL_TABLE, ACME_API_KEY: "sk-acme", OTHER_SECRET: "hush" });
    expect(given).toMatchObject({ MODEL_TABLE, ACME_API_KEY: "sk-acme" });
    expect(given).not.toHaveProperty("OTHER_SECRET");
    expect(vars({ ACME_API_KEY: "sk-acme" })).not.toHaveProperty("ACME_API_KEY");
  });
});
