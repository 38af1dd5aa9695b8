import { html, raw } from "hono/html";

export type Html = ReturnType<typeof html>;

/** One column that suits a phone, light and dark. */
const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#e5e3df, #33312e); --soft: light-dark(#6f6b64, #a39e95);
  --paper: light-dark(#fff, #201f1d); --accent: light-dark(#c2410c, #fb923c); font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 46rem; padding: 1.25rem 1rem 3rem; background: light-dark(#faf9f7, #171614);
  overflow-wrap: anywhere; }
h1 { font-size: 1.35rem; margin: 0; } a { color: var(--accent); }
article, .empty { margin-top: .75rem; padding: .8rem 1rem; border: 1px solid var(--line); border-radius: 14px;
  background: var(--paper); }
h2 { font-size: 1rem; margin: 0; } p { margin: 0; white-space: pre-line; } p + p { margin-top: .5rem; }
.soft, .empty { color: var(--soft); font-size: .875rem; }
`;

/** Refreshes every two seconds while the page is visible, and replaces only what has changed. */
const LIVE_UPDATE = `
setInterval(async () => {
  if (document.hidden) return;
  const answer = await fetch(location.href).catch(() => undefined);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
  const shown = document.querySelector("main");
  if (fresh.innerHTML !== shown.innerHTML) shown.replaceWith(fresh);
}, 2000);
`;

/** A stand-in's page: its newest items, each in a frame. */
export function listPage({ title, items, empty }: { title: string; items: Html[]; empty: string }): Html {
  return html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="icon" href="data:,">
  <title>${title}</title>
  <style>${raw(STYLE)}</style>
</head>
<body>
  <h1>${title}</h1>
  <main aria-live="polite">${items.length > 0 ? items.map((item) => html`<article>${item}</article>`) : html`<div class="empty">${empty}</div>`}</main>
  <script>${raw(LIVE_UPDATE)}</script>
</body>
</html>`;
}

/** Shows minutes; the precise time is in the element. @param at milliseconds since 1970 */
export function when(at: number): Html {
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 16).replace("T", " ")} UTC</time>`;
}
