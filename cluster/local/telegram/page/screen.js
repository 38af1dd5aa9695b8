import { byId } from "./dom.js";
import { bubble } from "./message.js";

let idle = "";

/** What the header says while the bot does nothing. */
export function setIdle(text) {
  idle = text;
  showStatus();
}

/** The header's second line: who this is, or what the bot is doing. */
function showStatus(text) {
  const status = byId("bot-status");
  status.textContent = text ?? idle;
  status.classList.toggle("active", text !== undefined);
}

export function scrollDown() {
  const box = byId("messages");
  box.scrollTop = box.scrollHeight;
}

export function place(element, message) {
  const box = byId("messages");
  const old = box.querySelector(`[data-id="${message.message_id}"]`);
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 120;
  if (old) old.replaceWith(element);
  else box.append(element);
  if (atEnd || !old) scrollDown();
}

let typing;

export function showTyping(action) {
  showStatus(action === "typing" ? "typing…" : `${action.replaceAll("_", " ")}…`);
  clearTimeout(typing);
  typing = setTimeout(stopTyping, 5000);
}

export function stopTyping() {
  clearTimeout(typing);
  showStatus();
}

let draftEnd;

/** A draft is one bubble that is never kept. */
export function showDraft(message, actions) {
  const element = bubble(message, false, actions);
  element.classList.add("draft");
  element.dataset.id = "draft";
  if (!message.text) element.querySelector(".bubble").prepend("Thinking…");
  place(element, { message_id: "draft" });
  clearTimeout(draftEnd);
  draftEnd = setTimeout(dropDraft, 30_000);
}

export function dropDraft() {
  clearTimeout(draftEnd);
  byId("messages").querySelector('[data-id="draft"]')?.remove();
}
