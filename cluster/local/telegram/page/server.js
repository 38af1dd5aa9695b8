/** Everything the page asks the stand-in. Addresses are relative: it may be mounted anywhere. */

async function answer(path, init) {
  const response = await fetch(path, init);
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error ?? `The stand-in answered ${response.status}.`);
  return body;
}

function post(path, body) {
  const headers = { "content-type": "application/json" };
  return answer(path, { method: "POST", headers, body: JSON.stringify(body) });
}

export const loadChats = (user) => answer(`client/chats?user=${user}`);
export const loadChat = (user, bot) => answer(`client/chats/${encodeURIComponent(bot)}?user=${user}`);
export const sendText = (user, bot, text) => post("client/messages", { user, bot, text });
export const press = (user, bot, messageId, data) => post("client/press", { user, bot, message_id: messageId, data });
export const addUser = (first_name) => post("client/users", { first_name });
export const fileAddress = (id) => `client/files/${encodeURIComponent(id)}`;

export function sendFile(user, bot, file, text) {
  const body = new FormData();
  for (const [key, value] of Object.entries({ user, bot, text })) body.set(key, String(value));
  body.set("file", file);
  return answer("client/uploads", { method: "POST", body });
}

let source;

/** Follows one user's screen; the browser itself connects again when the line breaks. */
export function follow(user, onEvent) {
  source?.close();
  source = new EventSource(`client/events?user=${user}`);
  source.addEventListener("message", ({ data }) => onEvent(JSON.parse(data)));
}
