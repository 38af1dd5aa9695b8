import { html } from "hono/html";
import { type Html, listPage, when } from "../list-page.ts";
import type { Message } from "./message.ts";

/** Shows ids, destinations and times; never a body or a query, which may hold secrets. */
export function renderPage(newestFirst: Message[]): Html {
  const empty = "Nothing is waiting, and nothing arrived in the last ten minutes.";
  return listPage({ title: "Queue", items: newestFirst.slice(0, 100).map(item), empty });
}

function item({ messageId, url, state, retried, retries, lastOutcome, createdAt, dueAt }: Message): Html {
  const retry = retried > 0 ? ` · retry ${retried} of ${retries}` : "";
  const outcome = lastOutcome ? ` · last answer: ${lastOutcome}` : "";
  const due = state === "waiting" ? html` · due ${when(dueAt)}` : "";
  return html`<h2>${state}</h2><p>${url.split("?")[0]}</p>
    <p class="soft">accepted ${when(createdAt)}${due}${retry}${outcome} · ${messageId}</p>`;
}
