import { html } from "hono/html";
import type { Core } from "../core.ts";
import type { DeadMessage, Message, Schedule } from "../message.ts";

/** Shown are ids, destinations and times; never a header or a body, which may hold what is nobody's business. */
export function renderPage(core: Core, base: string) {
  const messages = [...core.messages.values()];
  const dead = core.deadLetters.all().reverse();
  const schedules = [...core.schedules.values()];
  return html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta http-equiv="refresh" content="5" />
      <title>Queue</title>
      <style>${STYLE}</style>
    </head>
    <body>
      <h1>Queue</h1>
      <p>A local QStash. This page looks again every five seconds.</p>
      <h2>Under way <small>${messages.length}</small></h2>
      ${table(["Message", "Destination", "Queue", "Retries", "Next"], messages.slice(0, SHOWN).map(messageRow))}
      <h2>Dead letters <small>${dead.length}</small></h2>
      ${table(
        ["Message", "Destination", "Answer", "Failed", ""],
        dead.slice(0, SHOWN).map((one) => deadRow(one, base)),
      )}
      <h2>Schedules <small>${schedules.length}</small></h2>
      ${table(["Schedule", "Destination", "Cron", "Next"], schedules.map(scheduleRow))}
      <h2>Lately</h2>
      ${table(
        ["Time", "State", "Message", "Destination"],
        core.events
          .newestFirst()
          .slice(0, 30)
          .map((event) => [time(event.time), event.state, code(event.message.messageId), place(event.message.url)]),
      )}
    </body>
  </html>`;
}

const SHOWN = 100;

type Cell = ReturnType<typeof html> | string | number;

const messageRow = (message: Message): Cell[] => [
  code(message.messageId),
  place(message.url),
  message.queueName ?? "",
  message.retried,
  time(message.dueAt),
];

const deadRow = ({ dlqId, message, outcome, failedAt }: DeadMessage, base: string): Cell[] => [
  code(message.messageId),
  place(message.url),
  outcome.error ?? outcome.status,
  time(failedAt),
  html`<form method="post" action="${base}/retry/${dlqId}"><button>Retry</button></form>`,
];

const scheduleRow = (schedule: Schedule): Cell[] => [
  code(schedule.scheduleId),
  place(schedule.destination),
  code(schedule.cron),
  schedule.isPaused ? "paused" : time(schedule.nextScheduleTime),
];

function table(heads: string[], rows: Cell[][]) {
  if (rows.length === 0) return html`<p class="none">None.</p>`;
  return html`<table>
    <thead><tr>${heads.map((head) => html`<th>${head}</th>`)}</tr></thead>
    <tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody>
  </table>`;
}

const code = (text: string) => html`<code>${text}</code>`;

const time = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;

/** A destination without its query. */
const place = (url: string): string => url.split("?")[0] ?? url;

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { margin-bottom: 0; } h2 { margin-top: 2rem; } small, .none { color: gray; font-weight: normal; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .35rem .6rem .35rem 0; }
th { font-weight: 600; border-bottom: 1px solid gray; } td { overflow-wrap: anywhere; vertical-align: top; }
form { margin: 0; } code { font-size: .9em; }
`;
