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

/**
 * A message's text with its entities, as nodes.
 * @param {(href: string) => boolean} onLink true: it was taken care of, do not follow it
 */
export function formatted(text, entities, actions) {
  const root = document.createDocumentFragment();
  const points = new Set([0, text.length]);
  for (const { offset, length } of entities ?? []) points.add(offset).add(offset + length);
  const cuts = [...points].sort((a, b) => a - b);
  let open = [];
  for (let at = 0; at + 1 < cuts.length; at++) {
    const [from, to] = [cuts[at], cuts[at + 1]];
    const covering = (entities ?? []).filter((each) => each.offset <= from && each.offset + each.length >= to);
    let keep = 0;
    while (keep < open.length && open[keep].entity === covering[keep]) keep++;
    open = open.slice(0, keep);
    for (const entity of covering.slice(keep)) {
      const node = wrapperOf(entity, text, actions);
      (open.at(-1)?.node ?? root).append(node);
      open.push({ entity, node });
    }
    (open.at(-1)?.node ?? root).append(text.slice(from, to));
  }
  return root;
}

function wrapperOf(entity, text, actions) {
  const covered = text.slice(entity.offset, entity.offset + entity.length);
  if (TAGS[entity.type]) return make(TAGS[entity.type]);
  if (entity.type === "text_link") return link(entity.url, actions);
  if (entity.type === "url") return link(/^https?:/i.test(covered) ? covered : `https://${covered}`, actions);
  if (entity.type === "mention") return link(`https://t.me/${covered.slice(1)}`, actions);
  if (entity.type === "bot_command") return button("", () => actions.say(covered), "inline-link");
  if (entity.type === "spoiler") return spoiler();
  return make("span");
}

/** Only what a browser may safely open becomes a link. */
export function link(href, actions) {
  const url = URL.parse(href);
  if (!url || !["http:", "https:", "tg:", "mailto:", "tel:"].includes(url.protocol)) return make("span");
  const anchor = make("a", { href: url.href, target: "_blank", rel: "noopener noreferrer" });
  anchor.addEventListener("click", (event) => {
    if (actions.openLink(url)) event.preventDefault();
  });
  return anchor;
}

function spoiler() {
  const element = make("span", { class: "spoiler", title: "Show" });
  element.addEventListener("click", () => element.classList.add("shown"));
  return element;
}

/** One bubble. `mine`: the user said it. */
export function bubble(message, mine, actions) {
  const inner = make("div", { class: "bubble" });
  if (message.reply_to_message) inner.append(quoteOf(message.reply_to_message));
  inner.append(...mediaOf(message));
  const text = message.text ?? message.caption;
  if (text !== undefined) {
    inner.append(
      make("div", { class: "text" }, formatted(text, message.entities ?? message.caption_entities, actions)),
    );
  }
  inner.append(footOf(message));
  const row = make("article", { class: `message ${mine ? "mine" : "theirs"}` }, inner);
  row.dataset.id = String(message.message_id);
  row.addEventListener("dblclick", () => actions.replyTo(message));
  if (message.reply_markup?.inline_keyboard) inner.after(keyboardOf(message, actions));
  return row;
}

function footOf(message) {
  const parts = [];
  if (message.reaction) parts.push(make("span", { class: "reaction" }, message.reaction));
  parts.push(make("time", {}, `${message.edit_date ? "edited " : ""}${timeOf(message.date)}`));
  return make("div", { class: "foot" }, ...parts);
}

const quoteOf = (message) =>
  make("div", { class: "quote" }, message.text ?? message.caption ?? (message.photo ? "Photo" : "File"));

function mediaOf(message) {
  if (message.photo) {
    const { file_id: id } = message.photo.at(-1);
    return [make("img", { class: "photo", src: fileAddress(id), alt: message.caption ?? "Photo" })];
  }
  const file = message.document ?? message.audio ?? message.video ?? message.voice;
  if (file) {
    const name = file.file_name ?? "File";
    return [make("a", { class: "file", href: fileAddress(file.file_id), download: name }, `📄 ${name}`)];
  }
  if (message.managed_bot_created) return [make("i", {}, `Created @${message.managed_bot_created.bot.username}`)];
  return [];
}

function keyboardOf(message, actions) {
  const rows = message.reply_markup.inline_keyboard.map((row) =>
    make("div", { class: "row" }, ...row.map((key) => inlineKey(message, key, actions))),
  );
  return make("div", { class: "inline-keyboard" }, ...rows);
}

function inlineKey(message, key, actions) {
  if (key.callback_data !== undefined) return button(key.text, () => actions.press(message, key.callback_data));
  if (key.url !== undefined) {
    const anchor = link(/^\w+:\/\//.test(key.url) ? key.url : `https://${key.url}`, actions);
    anchor.append(`${key.text} ↗`);
    return anchor;
  }
  if (key.copy_text) return button(key.text, () => navigator.clipboard.writeText(key.copy_text.text));
  const dead = button(key.text, () => {});
  dead.disabled = true;
  return dead;
}
