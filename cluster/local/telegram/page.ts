import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { Hono } from "hono";

const FOLDER = new URL("./page/", import.meta.url);
const FILES = readdirSync(FOLDER);
const TYPES: Record<string, string> = { html: "text/html", css: "text/css", js: "text/javascript" };

/** Bots' messages are untrusted: even as markup in the page they could neither run nor send data. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** The chat page: a few files, each as it is. */
export function pageRoutes(): Hono {
  const app = new Hono();
  app.get("/*", (c, next) => {
    const name = c.req.path.split("/").at(-1) || "index.html";
    return FILES.includes(name) ? send(name) : next();
  });
  return app;
}

async function send(name: string): Promise<Response> {
  const headers = {
    "content-type": `${TYPES[name.split(".").at(-1) ?? ""]}; charset=utf-8`,
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
  };
  return new Response(await readFile(new URL(name, FOLDER)), { headers });
}
