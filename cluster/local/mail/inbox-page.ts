import { html, raw } from "hono/html";
import { INBOX_STYLE } from "./inbox-style.ts";
import type { Message } from "./message.ts";

type Html = ReturnType<typeof html>;

/** What the mail may do in its frame: nothing but open links in a new tab. */
export const SANDBOX = "allow-popups allow-popups-to-escape-sandbox";

/** Asks for the list every two seconds while the page is looked at, and shows it when it changed. */
const LIVE_UPDATE = `
const list = document.getElementById("list");
let shown = "";
setInterval(async () => {
  if (document.hidden) return;
  const answer = await fetch("inbox/list").catch(() => undefined);
  if (!answer?.ok) return;
  const fresh = await answer.text();
  if (fresh !== shown) list.innerHTML = shown = fresh;
}, 2000);
`;

/** @param base the path that links start from, with a slash at the end */
export function inboxPage(base: string, messages: Message[]): Html {
  const body = html`<h1>Inbox</h1>
    <main id="list" aria-live="polite">${inboxList(messages)}</main>
    <script>${raw(LIVE_UPDATE)}</script>`;
  return page(base, "Inbox", body);
}

/** The newest first. */
export function inboxList(messages: Message[]): Html {
  if (messages.length === 0) return html`<p class="empty">No mail yet. What the product sends shows up here.</p>`;
  return html`<ul>${messages.toReversed().map(listItem)}</ul>`;
}

function listItem(message: Message): Html {
  return html`<li><a href="inbox/${message.id}">
    <span class="to">${message.to.join(", ")}</span>${when(message)}
    <span class="subject">${message.subject}</span>
    <span class="preview">${preview(message)}</span>
  </a></li>`;
}

export function messagePage(base: string, message: Message): Html {
  const facts = [
    ["From", message.from],
    ["To", message.to.join(", ")],
    ["Cc", message.cc.join(", ")],
    ["Bcc", message.bcc.join(", ")],
    ["Reply to", message.reply_to.join(", ")],
    ["Attached", message.attachments.map((file) => file.filename).join(", ")],
    ["Scheduled", message.scheduled_at ?? ""],
  ].filter(([, value]) => value !== "");
  const frame = html`<iframe sandbox="${SANDBOX}" src="inbox/${message.id}/html" title="${message.subject}"></iframe>`;
  return page(
    base,
    message.subject,
    html`<p><a href="./">← Inbox</a></p>
    <h1>${message.subject}</h1>
    <dl>${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}<dt>Sent</dt><dd>${when(message)}</dd></dl>
    ${message.text === null ? "" : html`<pre>${linked(message.text)}</pre>`}
    ${message.html === null ? "" : frame}`,
  );
}

function page(base: string, title: string, body: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <base href="${base}">
  <link rel="icon" href="data:,">
  <title>${title}</title>
  <style>${raw(INBOX_STYLE)}</style>
</head>
<body>${body}</body>
</html>`;
}

function when({ created_at: at }: Message): Html {
  return html`<time datetime="${at}">${at.slice(0, 16).replace("T", " ")} UTC</time>`;
}

function preview({ text, html: markup }: Message): string {
  const plain = text ?? (markup ?? "").replace(/<(style|script|head)[\s\S]*?<\/\1>/gi, " ").replace(/<[^>]*>/g, " ");
  return plain.replace(/\s+/g, " ").trim().slice(0, 140);
}

/** Text with its web addresses as links. */
function linked(text: string): Html[] {
  return text
    .split(/(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]}'])/)
    .map((part, i) => (i % 2 ? html`<a href="${part}" target="_blank" rel="noreferrer">${part}</a>` : html`${part}`));
}
