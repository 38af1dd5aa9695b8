import { html, raw } from "hono/html";
import type { Message } from "./message.ts";

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 46rem; margin: 0 auto; padding: 1.25rem 1rem 3rem; overflow-wrap: anywhere; }
h1 { font-size: 1.35rem; margin: 0; } ul { list-style: none; margin: 1rem 0; padding: 0; }
li { padding: .7rem 0; border-top: 1px solid light-dark(#e5e3df, #33312e); }
li b { margin-right: .5rem; } .failed b { color: light-dark(#b91c1c, #f87171); }
p, small { margin: 0; color: light-dark(#6f6b64, #a39e95); }
`;

/** Shows ids, destinations and times; never a body or a query, which may hold what is nobody's business. */
export function renderPage(newestFirst: Message[]) {
  return html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta http-equiv="refresh" content="5">
  <link rel="icon" href="data:,">
  <title>Queue</title>
  <style>${raw(STYLE)}</style>
</head>
<body>
  <h1>Queue</h1>
  <p>Messages that wait, and those of the last ten minutes. Refreshed every five seconds.</p>
  ${newestFirst.length === 0 ? html`<p>None.</p>` : html`<ul>${newestFirst.slice(0, 100).map(item)}</ul>`}
</body>
</html>`;
}

function item({ messageId, url, state, retried, lastOutcome, createdAt, dueAt }: Message) {
  const facts = [
    `accepted ${time(createdAt)}`,
    ...(retried > 0 ? [`${retried} retries`] : []),
    ...(lastOutcome ? [`last answer: ${lastOutcome}`] : []),
    ...(state === "waiting" ? [`due ${time(dueAt)}`] : []),
  ];
  return html`<li class="${state}"><b>${state}</b>${url.split("?")[0]}<br><small>${facts.join(" · ")} · ${messageId}</small></li>`;
}

const time = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
