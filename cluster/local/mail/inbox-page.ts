import { html } from "hono/html";
import { type Html, listPage, when } from "../list-page.ts";
import type { Message } from "./email.ts";

export function inboxPage(newestFirst: Message[]): Html {
  const empty = "No mail yet. Sent mails appear here.";
  return listPage({ title: "Inbox", items: newestFirst.map(item), empty });
}

function item({ from, to, subject, text, sentAt }: Message): Html {
  return html`<h2>${subject}</h2><p class="soft">To ${to[0]} · from ${from} · ${when(sentAt)}</p><p>${linked(text.trim())}</p>`;
}

/** Text with its web addresses as links. */
function linked(text: string): Html[] {
  return text
    .split(/(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]}'])/)
    .map((part, i) => (i % 2 ? html`<a href="${part}" target="_blank" rel="noreferrer">${part}</a>` : html`${part}`));
}
