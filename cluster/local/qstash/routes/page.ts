import { type Context, Hono } from "hono";
import { html } from "hono/html";
import { qstashError } from "../qstash-error.ts";
import { retryDead } from "../retry-dead.ts";
import type { Service } from "../service.ts";
import { renderPage } from "./render-page.ts";

/** A page to watch the queue with; it can do one thing, retry a dead message. */
export function pageRoutes(service: Service): Hono {
  return new Hono()
    .get("/", (context) => context.html(html`<!doctype html>${renderPage(service.core, basePath(context, ""))}`))
    .post("/retry/:id", (context) => {
      refuseOtherSites(context);
      const id = context.req.param("id");
      const dead = service.core.deadLetters.get(id);
      if (dead) retryDead(service, dead);
      return context.redirect(basePath(context, `/retry/${id}`) || "/", 303);
    });
}

/** Where the app is mounted, without a trailing slash: the path that was asked for, less the part that is ours. */
function basePath(context: Context, own: string): string {
  const { pathname } = new URL(context.req.url);
  return pathname.slice(0, pathname.length - own.length).replace(/\/$/, "");
}

/** Another site's form must not reach into this machine. */
function refuseOtherSites(context: Context): void {
  const site = context.req.header("sec-fetch-site");
  if (site !== undefined && site !== "same-origin") throw qstashError(403, "retry from this page only");
}
