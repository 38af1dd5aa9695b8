import { describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "./config.ts";

const key = Buffer.alloc(32, 7).toString("base64");
const good = {
  DATABASE_URL: "postgresql://u:p@db.example/x",
  UPSTASH_REDIS_REST_URL: "https://redis.example",
  UPSTASH_REDIS_REST_TOKEN: "redis-token",
  QSTASH_TOKEN: "qstash-token",
  QSTASH_CURRENT_SIGNING_KEY: "sig_current",
  QSTASH_NEXT_SIGNING_KEY: "sig_next",
  KIMI_API_KEY: "sk-kimi",
  PUBLIC_URL: "https://edge.example/",
  KEK_CURRENT: key,
  TOKEN_KEY_CURRENT: key,
  INTERNAL_KEYS: JSON.stringify([{ name: "ops", sha256: "a".repeat(64), scopes: ["boxes:read"] }]),
};

const refusal = (bindings: object): string => {
  try {
    readConfig(bindings);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return "";
};

describe("readConfig", () => {
  it("takes the object storage's settings together or not at all", () => {
    const storage = {
      BACKUP_S3_URL: "https://acc.r2.cloudflarestorage.com/",
      BACKUP_S3_BUCKET: "boxes",
      BACKUP_S3_ACCESS_KEY_ID: "id",
      BACKUP_S3_SECRET_ACCESS_KEY: "canary",
    };
    expect(readConfig({ ...good, ...storage })).toMatchObject({ BACKUP_S3_REGION: "auto" });
    const said = refusal({ ...good, ...storage, BACKUP_S3_BUCKET: "" });
    expect(said).toContain("BACKUP_S3_BUCKET: is missing: backups need all of them");
    expect(said).not.toContain("canary");
  });

  it("fills in what has a default and drops a trailing slash", () => {
    const config = readConfig(good);
    expect(config).toMatchObject({
      PUBLIC_URL: "https://edge.example",
      POD_PROXY_URL: "https://edge.example",
      QSTASH_URL: "https://qstash.upstash.io",
      POD_TELEGRAM_API_ROOT: "https://api.telegram.org",
    });
    expect(config.KEK_CURRENT).toEqual(new Uint8Array(32).fill(7));
  });

  it("pods reach Telegram where the edge does, unless told otherwise", () => {
    expect(readConfig({ ...good, TELEGRAM_API_ROOT: "http://tg.test" }).POD_TELEGRAM_API_ROOT).toBe("http://tg.test");
  });

  it.each(Object.keys(good))("names %s when it is missing or empty", (name) => {
    const { [name as keyof typeof good]: _, ...rest } = good;
    expect(refusal(rest)).toContain(`${name}: is missing`);
    expect(refusal({ ...good, [name]: "" })).toContain(`${name}: is missing`);
  });

  it("names everything that is wrong at once, and no value", () => {
    const words = refusal({ ...good, KEK_CURRENT: "c2hvcnQ=", PUBLIC_URL: "secret-looking", INTERNAL_KEYS: "[{" });
    expect(words).toContain("KEK_CURRENT: must be 32 bytes in base64");
    expect(words).toContain("PUBLIC_URL: is malformed");
    expect(words).toContain("INTERNAL_KEYS: must be a JSON array");
    expect(words).not.toMatch(/c2hvcnQ|secret-looking|\[\{/);
  });

  it("has a model table of its own, and fails closed on another that is not whole", () => {
    expect(readConfig({ ...good }).MODEL_TABLE).toMatchObject([{ id: "kimi-coding/k2p5" }]);
    expect(refusal({ ...good, MODEL_TABLE: "{" })).toContain("MODEL_TABLE: must be a JSON object");
    expect(refusal({ ...good, MODEL_TABLE: "{}" })).toContain("MODEL_TABLE");
    const provider = { key: "ACME_API_KEY", openai: "https://a.example/v1", endpoints: ["chat/completions"] };
    const model = { id: "a", name: "A", context_window: 1, routes: [{ provider: "acme", model: "a-1" }] };
    const MODEL_TABLE = JSON.stringify({ providers: { acme: provider }, models: [model] });
    expect(refusal({ ...good, MODEL_TABLE })).toContain("needs the secret ACME_API_KEY");
    expect(readConfig({ ...good, MODEL_TABLE, ACME_API_KEY: "k" }).MODEL_TABLE).toMatchObject([{ id: "a" }]);
  });

  it("refuses a scope that does not exist", () => {
    const INTERNAL_KEYS = JSON.stringify([{ name: "ops", sha256: "a".repeat(64), scopes: ["everything"] }]);
    expect(refusal({ ...good, INTERNAL_KEYS })).toContain("INTERNAL_KEYS");
  });
});
