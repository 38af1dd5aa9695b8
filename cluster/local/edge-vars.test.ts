import { expect, test } from "vitest";
import { readLocalConfig } from "./config.ts";
import { edgeVars } from "./edge-vars.ts";
import { localSecrets } from "./secrets.ts";

const names = ["edge", "telegram", "chats", "mail", "qstash", "neon", "redis", "model", "s3"] as const;
const urls = Object.fromEntries(names.map((name) => [name, `http://${name}.test`])) as Record<
  (typeof names)[number],
  string
>;
const secrets = await localSecrets();
const vars = (environment: Record<string, string>) => edgeVars(readLocalConfig(environment), secrets, urls);

test("every service is the stand-in with a secret of this machine, until there is a real one", () => {
  expect(vars({})).toMatchObject({
    DATABASE_URL: secrets.databaseUrl,
    NEON_HTTP_ENDPOINT: `${urls.neon}/sql`,
    KIMI_BASE_URL: urls.model,
    KIMI_API_KEY: secrets.modelKey,
    TELEGRAM_API_ROOT: urls.telegram,
    TELEGRAM_CHAT_URL: `${urls.chats}/?bot=`,
    BACKUP_S3_URL: urls.s3,
  });
  const DATABASE_URL = "postgresql://a:b@c.neon.tech/d";
  const real = vars({ DATABASE_URL, KIMI_API_KEY: "sk-real", TELEGRAM_BOT_TOKEN: "1:real" });
  expect(real).toMatchObject({ DATABASE_URL, KIMI_API_KEY: "sk-real", TELEGRAM_API_ROOT: "https://api.telegram.org" });
  for (const gone of ["NEON_HTTP_ENDPOINT", "KIMI_BASE_URL", "TELEGRAM_CHAT_URL"])
    expect(real).not.toHaveProperty(gone);
});

test("models of a table go on with the keys that it may name, and with no other secret", () => {
  const MODEL_TABLE = '{"providers":{"acme":{"key":"ACME_API_KEY"}}}';
  const given = vars({ MODEL_TABLE, ACME_API_KEY: "sk-acme", OTHER_SECRET: "hush" });
  expect(given).toMatchObject({ MODEL_TABLE, ACME_API_KEY: "sk-acme" });
  expect(given).not.toHaveProperty("OTHER_SECRET");
  expect(vars({ ACME_API_KEY: "sk-acme" })).not.toHaveProperty("ACME_API_KEY");
});
