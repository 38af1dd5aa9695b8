/** Who may ask the stand-ins: the Worker by its secrets; pods, Telegram alone; pages of other sites, none of them. */
import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { AwsV4Signer } from "aws4fetch";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readLocalConfig } from "./config.ts";
import type { ServiceName } from "./ports.ts";
import { BACKUP_BUCKET } from "./s3/bucket.ts";
import { type LocalSecrets, localSecrets } from "./secrets.ts";
import { type Services, startServices } from "./services.ts";

/** The address of this machine that pods reach. */
const HOST = "127.0.0.2";

interface Question {
  path: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

interface Row {
  /** Empty for a page: people open it without. */
  secret(secrets: LocalSecrets): string;
  ask(secret: string, url: string): Question | Promise<Question>;
}

const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });

/** One question to each that its secret lets in. */
const ROWS: Record<ServiceName, Row> = {
  telegram: {
    secret: () => services.telegram.demo.bot.token,
    ask: (token) => ({ path: `/bot${token}/getMe` }),
  },
  chats: { secret: () => "", ask: () => ({ path: "/client/chats?user=1001" }) },
  mail: {
    secret: ({ mailKey }) => mailKey,
    ask: (key) => ({
      path: "/emails",
      method: "POST",
      headers: { ...bearer(key), "content-type": "application/json" },
      body: JSON.stringify({ from: "a@example.com", to: ["b@example.com"], subject: "c", text: "d" }),
    }),
  },
  qstash: {
    secret: ({ qstashToken }) => qstashToken,
    ask: (token) => ({ path: `/v2/publish/${services.urls.chats}`, method: "POST", headers: bearer(token) }),
  },
  neon: {
    secret: ({ databaseUrl }) => new URL(databaseUrl).password,
    ask: (password) => ({
      path: "/sql",
      method: "POST",
      headers: {
        "neon-connection-string": Object.assign(new URL(secrets.databaseUrl), { password }).href,
        "neon-raw-text-output": "true",
        "neon-array-mode": "true",
      },
      body: JSON.stringify({ query: "select current_user", params: [] }),
    }),
  },
  redis: {
    secret: ({ redisToken }) => redisToken,
    ask: (token) => ({ path: "/", method: "POST", headers: bearer(token), body: '["PING"]' }),
  },
  model: {
    secret: ({ modelKey }) => modelKey,
    ask: (key) => ({
      path: "/v1/chat/completions",
      method: "POST",
      headers: bearer(key),
      body: JSON.stringify({ model: "kimi-k2.5", messages: [{ role: "user", content: "hello" }] }),
    }),
  },
  s3: {
    secret: ({ s3Secret }) => s3Secret,
    async ask(secretAccessKey, url) {
      const path = `/${BACKUP_BUCKET}/?list-type=2`;
      const keys = { accessKeyId: secrets.s3KeyId, secretAccessKey, service: "s3", region: "auto" };
      const signed = await new AwsV4Signer({ url: url + path, ...keys }).sign();
      return { path, headers: Object.fromEntries(signed.headers) };
    },
  },
};

let secrets: LocalSecrets;
let services: Services;
beforeAll(async () => {
  secrets = await localSecrets();
  services = await startServices({ config: readLocalConfig({ PORT: "0", HOST }), secrets });
});
afterAll(() => services.close());

test("every stand-in has a row", () => {
  expect(Object.keys(ROWS).sort()).toEqual(Object.keys(services.urls).sort());
});

describe.each(Object.entries(ROWS) as [ServiceName, Row][])("%s", (name, { secret, ask }) => {
  const right = () => secret(secrets);
  const url = () => services.urls[name];

  test("answers who has the secret, by its address and, on loopback, by localhost", async () => {
    expect(await statusOf(url(), await ask(right(), url()))).toBe(200);
    const byName = url().replace(/127\.0\.0\.\d/, "localhost");
    const { host } = new URL(byName);
    expect(await statusOf(url(), await ask(right(), byName), { host })).toBe(200);
  });

  test("refuses a name that only leads here, and pages of other sites", async () => {
    const question = await ask(right(), url());
    const { port } = new URL(url());
    for (const host of [`evil.example:${port}`, `127.0.0.1.evil.example:${port}`, "127.0.0.1:1"])
      expect(await statusOf(url(), question, { host })).toBe(421);
    for (const origin of ["http://evil.example", "null", `http://127.0.0.1:${Number(port) - 1}`])
      expect(await statusOf(url(), question, { origin })).toBe(403);
    expect(await statusOf(url(), question, { origin: url() })).toBe(200);
  });

  test("is where pods reach it only if they may", async () => {
    const reached = await isOpen(HOST, Number(new URL(url()).port));
    expect(reached).toBe(name === "telegram");
  });
});

const SECRET = (Object.keys(ROWS) as ServiceName[]).filter((name) => name !== "chats");

test.each(SECRET)("%s refuses who has another secret, however much it looks like the right one", async (name) => {
  const right = ROWS[name].secret(secrets);
  const last = right.endsWith("a") ? "b" : "a";
  const all = ["", "x", right.slice(0, -1), right.slice(0, -1) + last, `${right}x`, right.toUpperCase()];
  for (const other of all) {
    const status = await statusOf(services.urls[name], await ROWS[name].ask(other, services.urls[name]));
    expect([400, 401, 403, 404], other).toContain(status);
  }
});

/** By Node's own client: fetch would not send another Host. */
async function statusOf(url: string, question: Question, more: Record<string, string> = {}): Promise<number> {
  const { path, method = "GET", headers = {}, body } = question;
  const sent = request(url + path, { method, headers: { ...headers, ...more } }).end(body);
  const [response] = await once(sent, "response");
  response.resume();
  await once(response, "end");
  return response.statusCode;
}

function isOpen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}
