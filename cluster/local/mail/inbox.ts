import { type Context, Hono } from "hono";
import { basePath } from "hono/route";
import { inboxList, inboxPage, messagePage, SANDBOX } from "./inbox-page.ts";
import { notFound } from "./mail-error.ts";
import type { Mailbox } from "./mailbox.ts";
import type { Message } from "./message.ts";

/** Somebody else's HTML: it runs nothing and sends nothing, wherever it is opened. */
const MAIL_POLICY = `sandbox ${SANDBOX}; default-src 'none'; img-src https: data:; style-src 'unsafe-inline' https:; font-src https: data:`;

/** Pages to read what was sent. */
export function inbox(mailbox: Mailbox): Hono {
  const app = new Hono();
  const find = (c: Context): Message => {
    const message = mailbox.find(c.req.param("id") ?? "");
    if (!message) throw notFound("This message isn't here (any more).");
    return message;
  };
  // Below a mount, "/" matches the path without its slash only.
  app.get("/*", (c, next) => (isTop(c) ? c.html(inboxPage(base(c), mailbox.all())) : next()));
  app.get("/inbox/list", (c) => c.html(inboxList(mailbox.all())));
  app.get("/inbox/:id", (c) => c.html(messagePage(base(c), find(c))));
  app.get("/inbox/:id/html", (c) => {
    c.header("content-security-policy", MAIL_POLICY);
    // Links of the mail lead to a new tab: the frame itself may go nowhere.
    return c.html(`<base target="_blank">${find(c).html ?? ""}`);
  });
  return app;
}

function isTop(c: Context): boolean {
  return c.req.path === base(c) || `${c.req.path}/` === base(c);
}

/** Where this is mounted, with a slash at the end. */
function base(c: Context): string {
  return `${basePath(c).replace(/\/+$/, "")}/`;
}
