import { button, make, timeOf } from "./dom.js";
import { fileAddress } from "./server.js";

const TAGS = {
  bold: "b",
  italic: "i",
  underline: "u",
  strikethrough: "s",
  code: "code",
  pre: "pre",
  blockquote: "blockquote",
  expandable_blockquote: "blockquote",
};

/** One bubble. `mine`: the user said it. */
export function bubble(message, mine, actions) {
  const inner = make("div", { class: "bubble" }, ...quoteOf(message.reply_to_message), ...mediaOf(message));
  const text = message.text ?? message.caption;
  const entities = message.entities ?? message.caption_entities ?? [];
  if (text !== undefined) inner.append(make("div", { class: "text" }, formatted(text, entities, actions)));
  inner.append(footOf(message));
  const row = make("article", { class: `message ${mine ? "mine" : "theirs"}` }, inner, ...keyboardOf(message, actions));
  row.dataset.id = String(message.message_id);
  return row;
}

/** A message's text with its entities, as nodes. They nest, and begin and end at the cuts. */
function formatted(text, entities, actions) {
  const root = document.createDocumentFragment();
  const ends = entities.flatMap(({ offset, length }) => [offset, offset + length]);
  const cuts = [...new Set([0, text.length, ...ends])].sort((a, b) => a - b);
  let open = [];
  for (const [index, to] of cuts.slice(1).entries()) {
    const from = cuts[index];
    const covering = entities.filter(({ offset, length }) => offset <= from && offset + length >= to);
    const kept = open.findIndex(({ entity }, level) => entity !== covering[level]);
    if (kept >= 0) open = open.slice(0, kept);
    for (const entity of covering.slice(open.length)) {
      const node = wrapperOf(entity, text, actions);
      (open.at(-1)?.node ?? root).append(node);
      open.push({ entity, node });
    }
    (open.at(-1)?.node ?? root).append(text.slice(from, to));
  }
  return root;
}

function wrapperOf({ type, offset, length, url }, text, actions) {
  const covered = text.slice(offset, offset + length);
  if (TAGS[type]) return make(TAGS[type]);
  if (type === "text_link" || type === "url") return link(url ?? covered);
  if (type === "bot_command") return button({ class: "inline-link", on: () => actions.say(covered) });
  const spoiler = make("span", { class: "spoiler", title: "Show", on: () => spoiler.classList.add("shown") });
  return spoiler;
}

/** Only what a browser may safely open becomes a link. */
function link(href) {
  const safe = ["http:", "https:", "tg:", "mailto:", "tel:"].includes(URL.parse(href)?.protocol);
  return safe ? make("a", { href, target: "_blank", rel: "noopener noreferrer" }) : make("span");
}

function footOf({ reaction, edit_date, date }) {
  const foot = make("div", { class: "foot" }, edit_date ? "edited" : "", timeOf(date));
  if (reaction) foot.prepend(make("span", { class: "reaction" }, reaction));
  return foot;
}

const quoteOf = (message) =>
  message ? [make("div", { class: "quote" }, (message.text ?? message.caption ?? "File").slice(0, 120))] : [];

function mediaOf({ photo, caption, document, audio, video, animation, voice }) {
  if (photo) return [make("img", { class: "photo", src: fileAddress(photo[0].file_id), alt: caption ?? "Photo" })];
  const file = document ?? audio ?? video ?? animation ?? voice;
  if (!file) return [];
  const name = file.file_name ?? "File";
  return [make("a", { href: fileAddress(file.file_id), download: name }, `📄 ${name}`)];
}

function keyboardOf(message, actions) {
  const rows = message.reply_markup?.inline_keyboard ?? [];
  return rows.map((row) => make("div", { class: "row" }, ...row.map((key) => keyOf(message, key, actions))));
}

function keyOf(message, { text, callback_data: data, url }, actions) {
  if (url === undefined) return button({ disabled: data === undefined, on: () => actions.press(message, data) }, text);
  const anchor = link(/^\w+:\/\//.test(url) ? url : `https://${url}`);
  anchor.append(`${text} ↗`);
  return anchor;
}
