import { chatRow } from "./chat-row.js";
import { attach, clearComposer, setUpComposer } from "./composer.js";
import { alertBox, chooseUser, confirmManagedBot } from "./dialogs.js";
import { button, byId, make, paintAvatar, toast } from "./dom.js";
import { bubble } from "./message.js";
import { dropDraft, place, scrollDown, setIdle, showDraft, showTyping, stopTyping } from "./screen.js";
import * as server from "./server.js";

const address = new URLSearchParams(location.search);
const state = {
  user: Number(address.get("user") ?? 1001),
  open: address.get("bot"),
  payload: address.get("start"),
  chats: [],
  users: [],
  chat: null,
  replyTo: null,
  draft: null,
};
const fail = (error) => toast(error.message);

const actions = {
  say: (text) => say(text).catch(fail),
  press: (message, data) => server.press(state.user, state.open, message.message_id, data).catch(fail),
  openLink,
  replyTo(message) {
    state.replyTo = message.message_id;
    attach(`Reply to: ${(message.text ?? message.caption ?? "message").slice(0, 60)}`);
    byId("text").focus();
  },
};

async function refreshChats() {
  const { me, users, chats } = await server.loadChats(state.user);
  Object.assign(state, { users, chats });
  byId("me-name").textContent = me.first_name;
  byId("me-id").textContent = `user id ${me.id}`;
  paintAvatar(byId("me-avatar"), me.id, me.first_name);
  byId("chats").replaceChildren(...chats.map((chat) => chatRow(chat, chat.username === state.open, openChat)));
}

async function openChat(username, payload = null) {
  state.open = username;
  state.payload = payload;
  forget();
  remember();
  await showChat();
  await refreshChats();
  byId("text").focus({ preventScroll: true });
}

async function showChat() {
  document.body.classList.toggle("in-chat", state.open !== null);
  byId("open").hidden = state.open === null;
  byId("nothing").hidden = state.open !== null;
  if (state.open === null) return;
  state.chat = await server.loadChat(state.user, state.open);
  const { bot, messages, blocked } = state.chat;
  byId("bot-name").textContent = bot.name;
  paintAvatar(byId("bot-avatar"), bot.id, bot.name);
  byId("block").textContent = blocked ? "Unblock" : "Block";
  setIdle(`@${bot.username} · bot`);
  byId("messages").replaceChildren(...(messages.length > 0 ? messages.map(row) : [introduction(bot)]));
  showKeyboard();
  showStart();
  scrollDown();
}

const introduction = (bot) =>
  make(
    "div",
    { class: "introduction" },
    make("b", {}, "What can this bot do?"),
    make("p", {}, bot.description || `@${bot.username}`),
  );

const row = (message) => bubble(message, message.from?.id === state.user, actions);

/** Before the first message there is one button, as in Telegram. */
function showStart() {
  const needed = !state.chat.started || state.payload !== null;
  byId("start").hidden = !needed;
  byId("composer").hidden = needed;
}

function showKeyboard() {
  const rows = state.chat.keyboard?.keyboard ?? [];
  byId("keyboard").hidden = rows.length === 0;
  byId("keyboard").replaceChildren(...rows.map((keys) => make("div", { class: "row" }, ...keys.map(replyKey))));
}

function replyKey(key) {
  const wish = key.request_managed_bot;
  if (wish) {
    const suggested = { username: wish.suggested_username ?? "", name: wish.suggested_name ?? "" };
    return button(key.text, () => newManagedBot({ manager: state.open, requestId: wish.request_id, ...suggested }));
  }
  const element = button(key.text, () => actions.say(key.text));
  element.disabled = Object.keys(key).some((name) => name.startsWith("request_") || name === "web_app");
  return element;
}

function newManagedBot(wish) {
  confirmManagedBot({ user: state.user, ...wish }, (username) => openChat(username).catch(fail));
}

/** Links to Telegram stay in here. True: taken care of. */
function openLink(url) {
  if (!["t.me", "telegram.me"].includes(url.hostname)) return false;
  const [first = "", manager, username] = url.pathname.split("/").filter(Boolean);
  if (first === "newbot" && manager && username) {
    newManagedBot({ manager, username, name: url.searchParams.get("name") ?? username });
    return true;
  }
  const known = state.chats.find((chat) => chat.username.toLowerCase() === first.toLowerCase());
  if (known) openChat(known.username, url.searchParams.get("start")).catch(fail);
  else toast(`There is no @${first} on this machine.`);
  return true;
}

async function say(text, file = byId("file").files[0]) {
  const { replyTo } = state;
  forget();
  if (file) await server.sendFile(state.user, state.open, file, text);
  else if (text.trim() !== "") await server.sendText(state.user, state.open, text, replyTo ?? undefined);
  if (!state.chat.started || state.payload !== null) {
    state.payload = null;
    await showChat();
  }
}

/** Nothing is attached, nothing is replied to. */
function forget() {
  state.replyTo = null;
  clearComposer();
}

const HANDLERS = {
  message({ message }) {
    byId("messages").querySelector(".introduction")?.remove();
    if (message.from?.id !== state.user) {
      dropDraft();
      stopTyping();
      // Reads it, and brings the keyboard that may have come with it.
      server.loadChat(state.user, state.open).then((chat) => {
        state.chat = chat;
        showKeyboard();
      }, fail);
    }
    place(row(message), message);
  },
  edited: ({ message }) => place(row(message), message),
  deleted({ message_ids }) {
    for (const id of message_ids) byId("messages").querySelector(`[data-id="${id}"]`)?.remove();
  },
  typing: ({ action }) => showTyping(action),
  draft: ({ message }) => showDraft(message, actions),
  callback_answer({ text, show_alert, url }) {
    if (url && URL.canParse(url)) openLink(new URL(url));
    if (text) (show_alert ? alertBox : toast)(text);
  },
};

function onEvent(event) {
  if (event.type !== "typing" && event.type !== "draft") refreshChats().catch(fail);
  // The line is new or was broken: what came in between is fetched.
  if (event.type === "chats") showChat().catch(fail);
  else if (event.bot === state.open) HANDLERS[event.type]?.(event);
}

/** The address always opens the same chat again. */
function remember() {
  const next = new URLSearchParams({ user: String(state.user), ...(state.open && { bot: state.open }) });
  history.replaceState(null, "", `?${next}`);
}

function becomeUser(id) {
  Object.assign(state, { user: id, chat: null });
  remember();
  server.follow(id, onEvent);
}

// Pictures grow when they arrive; load events do not bubble.
byId("messages").addEventListener("load", scrollDown, { capture: true });
setUpComposer({
  send: (text) => say(text).catch(fail),
  commands: () => state.chat?.commands ?? [],
  onDetach: forget,
});
byId("start").addEventListener("click", () => actions.say(state.payload ? `/start ${state.payload}` : "/start"));
byId("back").addEventListener("click", () => {
  state.open = null;
  remember();
  showChat().then(refreshChats).catch(fail);
});
byId("block").addEventListener("click", () => {
  server.setBlocked(state.user, state.open, !state.chat.blocked).then(showChat).catch(fail);
});
byId("me").addEventListener("click", () => chooseUser(state.users, state.user, becomeUser));

becomeUser(state.user);
if (address.has("newbot")) openLink(new URL(`https://t.me/newbot/${address.get("newbot")}?${address}`));
