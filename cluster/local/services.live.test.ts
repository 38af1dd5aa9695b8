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

let secrets: LocalSecrets;
let services: Services;
beforeAll(async () => {
  secrets = await localSecrets();
  services = await startServices({ config: readLocalConfig({ PORT: "0", HOST }), secrets });
});
afterAll(() => services.close());

interface Question {
  path: string;
  headers?: Record<string, string>;
  /** Of a POST. */
  body?: object;
}

interface Row {
  /** Empty for a page: people open it without. */
  secret(): string;
  /** One question that the secret lets in. */
  ask(secret: string, url: string): Question | Promise<Question>;
}

const bearer = (secret: string) => ({ authorization: `Bearer ${secret}`, "content-type": "application/json" });
const MAIL = { from: "a@example.com", to: ["b@example.com"], subject: "c", text: "d" };
const CHAT = { model: "kimi-k2.5", messages: [{ role: "user", content: "hello" }] };

const ROWS: Record<ServiceName, Row> = {
  telegram: { secret: () => services.telegram.demo.bot.token, ask: (token) => ({ path: `/bot${token}/getMe` }) },
  chats: { secret: () => "", ask: () => ({ path: "/client/chats?user=1001" }) },
  mail: { secret: () => secrets.mailKey, ask: (key) => ({ path: "/emails", headers: bearer(key), body: MAIL }) },
  qstash: {
    secret: () => secrets.qstashToken,
    ask: (token) => ({ path: `/v2/publish/${services.urls.chats}`, headers: bearer(token), body: {} }),
  },
  neon: {
    secret: () => new URL(secrets.databaseUrl).password,
    ask(password) {
      const as = Object.assign(new URL(secrets.databaseUrl), { password }).href;
      const asked = { "neon-raw-text-output": "true", "neon-array-mode": "true" };
      return {
        path: "/sql",
        headers: { "neon-connection-string": as, ...asked },
        body: { query: "select 1", params: [] },
      };
    },
  },
  redis: { secret: () => secrets.redisToken, ask: (token) => ({ path: "/", headers: bearer(token), body: ["PING"] }) },
  model: {
    secret: () => secrets.modelKey,
    ask: (key) => ({ path: "/v1/chat/completions", headers: bearer(key), body: CHAT }),
  },
  s3: {
    secret: () => secrets.s3Secret,
    async ask(secretAccessKey, url) {
      const path = `/${BACKUP_BUCKET}/?list-type=2`;
      const keys = { accessKeyId: secrets.s3KeyId, secretAccessKey, service: "s3", region: "auto" };
      const { headers } = await new AwsV4Signer({ url: url + path, ...keys }).sign();
      return { path, headers: Object.fromEntries(headers) };
    },
  },
};

test("every stand-in has a row", () => {
  expect(Object.keys(ROWS).sort()).toEqual(Object.keys(services.urls).sort());
});

describe.each(Object.entries(ROWS) as [ServiceName, Row][])("%s", (name, { secret, ask }) => {
  const url = () => services.urls[name];

  test("answers who has the secret, by its address and, on loopback, by localhost", async () => {
    const local = url().replace(HOST, "localhost").replace("127.0.0.1", "localhost");
    expect(await statusOf(url(), await ask(secret(), url()))).toBe(200);
    expect(await statusOf(url(), await ask(secret(), local), { host: new URL(local).host })).toBe(200);
  });

  test("refuses a name that only leads here, and pages of other sites", async () => {
    const question = await ask(secret(), url());
    const { port } = new URL(url());
    for (const host of [`evil.example:${port}`, `127.0.0.1.evil.example:${port}`, "127.0.0.1:1"])
      expect(await statusOf(url(), question, { host })).toBe(421);
    for (const origin of ["http://evil.example", "null", `http://127.0.0.1:${Number(port) - 1}`])
      expect(await statusOf(url(), question, { origin })).toBe(403);
    expect(await statusOf(url(), question, { origin: url() })).toBe(200);
  });

  test("is where pods reach it only if they may", async () => {
    const socket = connect(Number(new URL(url()).port), HOST);
    const reached = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    expect(reached).toBe(name === "telegram");
  });
});

const WITH_SECRET = (Object.keys(ROWS) as ServiceName[]).filter((name) => name !== "chats");

test.each(WITH_SECRET)("%s refuses another secret, however much it looks like the right one", async (name) => {
  const right = ROWS[name].secret();
  const last = right.endsWith("a") ? "b" : "a";
  for (const other of ["", "x", right.slice(0, -1), right.slice(0, -1) + last, `${right}x`, right.toUpperCase()]) {
    const status = await statusOf(services.urls[name], await ROWS[name].ask(other, services.urls[name]));
    expect([400, 401, 403, 404], other).toContain(status);
  }
});

/** By Node's own client: fetch would not send another Host. */
async function statusOf(url: string, question: Question, more: Record<string, string> = {}): Promise<number> {
  const { path, headers = {}, body } = question;
  const sent = request(url + path, { method: body ? "POST" : "GET", headers: { ...headers, ...more } });
  const [response] = await once(sent.end(body && JSON.stringify(body)), "response");
  response.resume();
  await once(response, "end");
  return response.statusCode;
}
