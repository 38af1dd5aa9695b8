import { clearComposer, setUpComposer } from "./composer.js";
import { button, byId, face, make, timeOf } from "./dom.js";
import { bubble } from "./message.js";
import * as server from "./server.js";

const address = new URLSearchParams(location.search);
const state = {
  user: Number(address.get("user") ?? 1001),
  open: address.get("bot"),
  chat: null,
};

function fail(error) {
  byId(state.open ? "messages" : "nothing").append(make("p", { class: "notice", role: "alert" }, error.message));
  scrollDown();
}

const actions = {
  say: (text) => say(text).catch(fail),
  press: (message, data) => server.press(state.user, state.open, message.message_id, data).catch(fail),
};

async function refreshChats() {
  const { me, users, chats } = await server.loadChats(state.user);
  const options = users.map(
    ({ id, first_name }) => new Option(`${first_name} · user id ${id}`, id, false, id === me.id),
  );
  byId("me").replaceChildren(...options, new Option("Add a user…", "new"));
  byId("chats").replaceChildren(...chats.map(chatRow));
}

/** A chat in the list on the left. */
function chatRow({ id, username, name, last }) {
  const text = last ? `${last.mine ? "You: " : ""}${last.text}` : `@${username}`;
  const chosen = {
    class: username === state.open ? "entry current" : "entry",
    on: () => openChat(username).catch(fail),
  };
  return button(chosen, ...face({ id, name }, text), last ? timeOf(last.date) : "");
}

async function openChat(username) {
  state.open = username;
  clearComposer();
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
  const { bot, messages, started } = state.chat;
  byId("bot").replaceChildren(...face(bot, ""));
  showStatus();
  const empty = make("p", { class: "notice" }, `This is the beginning of your chat with @${bot.username}.`);
  byId("messages").replaceChildren(...(messages.length > 0 ? messages.map(row) : [empty]));
  byId("start").hidden = started;
  byId("composer").hidden = !started;
  scrollDown();
}

const row = (message) => bubble(message, message.from?.id === state.user, actions);

let idle;

/** The line below the bot's name: who this is, or for some seconds what the bot is doing. */
function showStatus(action) {
  byId("bot").querySelector("small").textContent = action
    ? `${action.replaceAll("_", " ")}…`
    : `@${state.chat.bot.username} · bot`;
  clearTimeout(idle);
  if (action) idle = setTimeout(showStatus, 5000);
}

function scrollDown() {
  const box = byId("messages");
  box.scrollTop = box.scrollHeight;
}

/** Puts a message where its older form is, or at the end. */
function place(message) {
  const box = byId("messages");
  const old = box.querySelector(`[data-id="${message.message_id}"]`);
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 120;
  box.querySelector(".notice")?.remove();
  if (old) old.replaceWith(row(message));
  else box.append(row(message));
  if (atEnd || !old) scrollDown();
}

async function say(text, file = byId("file").files[0]) {
  clearComposer();
  if (file) await server.sendFile(state.user, state.open, file, text);
  else if (text.trim() !== "") await server.sendText(state.user, state.open, text);
  if (!state.chat.started) await showChat();
}

const HANDLERS = {
  message({ message }) {
    place(message);
    if (message.from?.id !== state.user) showStatus();
  },
  edited: ({ message }) => place(message),
  deleted: ({ message_id: id }) => byId("messages").querySelector(`[data-id="${id}"]`)?.remove(),
  typing: ({ action }) => showStatus(action),
};

function onEvent(event) {
  if (event.type !== "typing") refreshChats().catch(fail);
  // The line is new or was broken: what came in between is fetched.
  if (event.type === "chats") showChat().catch(fail);
  else if (event.bot === state.open) HANDLERS[event.type](event);
}

/** The address always opens the same chat again. */
function remember() {
  const next = new URLSearchParams({ user: String(state.user), ...(state.open && { bot: state.open }) });
  history.replaceState(null, "", `?${next}`);
}

function becomeUser(id) {
  state.user = id;
  remember();
  server.follow(id, onEvent);
}

/** Returns the new user's id; this one's where none was named. */
async function addUser() {
  const name = prompt("What is the new user's name?");
  return name ? (await server.addUser(name)).id : state.user;
}

// Pictures grow when they arrive; load events do not bubble.
byId("messages").addEventListener("load", scrollDown, { capture: true });
setUpComposer({ send: actions.say, commands: () => state.chat?.commands ?? [] });
byId("start").addEventListener("click", () => actions.say("/start"));
byId("back").addEventListener("click", () => {
  state.open = null;
  remember();
  showChat().then(refreshChats).catch(fail);
});
byId("me").addEventListener("change", ({ target }) => {
  if (target.value !== "new") becomeUser(Number(target.value));
  else addUser().then(becomeUser, fail);
});

becomeUser(state.user);
