import { readFile } from "node:fs/promises";
import { Hono } from "hono";

const FILES: Record<string, { file: string; type: string }> = {
  "/": { file: "index.html", type: "text/html; charset=utf-8" },
  "/page.css": { file: "page.css", type: "text/css; charset=utf-8" },
  "/page.js": { file: "page.js", type: "text/javascript; charset=utf-8" },
  "/message.js": { file: "message.js", type: "text/javascript; charset=utf-8" },
  "/server.js": { file: "server.js", type: "text/javascript; charset=utf-8" },
  "/dialogs.js": { file: "dialogs.js", type: "text/javascript; charset=utf-8" },
  "/dom.js": { file: "dom.js", type: "text/javascript; charset=utf-8" },
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
  for (const [path, { file, type }] of Object.entries(FILES)) {
    app.get(path, async (c) => {
      const content = await readFile(new URL(`./page/${file}`, import.meta.url), "utf8");
      return c.body(content, 200, {
        "content-type": type,
        "content-security-policy": POLICY,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-cache",
      });
    });
  }
  return app;
}
