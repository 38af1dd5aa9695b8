import { readFile } from "node:fs/promises";
import { Hono } from "hono";

const SCRIPT = "text/javascript; charset=utf-8";
const STYLE = "text/css; charset=utf-8";
const FILES: Record<string, string> = {
  "index.html": "text/html; charset=utf-8",
  "page.css": STYLE,
  "chats.css": STYLE,
  "messages.css": STYLE,
  "composer.css": STYLE,
  "dialogs.css": STYLE,
  "adaptive.css": STYLE,
  "page.js": SCRIPT,
  "chat-row.js": SCRIPT,
  "composer.js": SCRIPT,
  "screen.js": SCRIPT,
  "message.js": SCRIPT,
  "server.js": SCRIPT,
  "dialogs.js": SCRIPT,
  "dom.js": SCRIPT,
};

/** What bots write is hostile: even if it got into the page as markup, nothing of it could run or call home. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** The chat page: a few files, each as it is. Links in it are relative, wherever it is mounted. */
export function pageRoutes(): Hono {
  const app = new Hono();
  // Where it is mounted, "/" is a path without the slash that relative links need.
  app.get("/", async (c) => (c.req.path.endsWith("/") ? send("index.html") : c.redirect(withSlash(c.req.url))));
  app.get("/*", (c, next) => {
    const name = c.req.path.split("/").at(-1) ?? "";
    if (name === "") return send("index.html");
    return Object.hasOwn(FILES, name) ? send(name) : next();
  });
  return app;
}

/** Relative to the host: a proxy in front may know it by another name. */
function withSlash(address: string): string {
  const { pathname, search } = new URL(address);
  return `${pathname}/${search}`;
}

async function send(name: string): Promise<Response> {
  const content = await readFile(new URL(`./page/${name}`, import.meta.url), "utf8");
  return new Response(content, {
    headers: {
      "content-type": FILES[name] ?? "text/plain",
      "content-security-policy": POLICY,
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cache-control": "no-cache",
    },
  });
}
