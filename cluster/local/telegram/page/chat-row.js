import { avatar, make, timeOf } from "./dom.js";

/** A chat in the list on the left. */
export function chatRow({ id, username, name, verified, last, unread }, isOpen, open) {
  const title = make("b", {}, name, verified ? make("span", { class: "verified", title: "Official" }, "✓") : "");
  const when = make("time", {}, last ? timeOf(last.date) : "");
  const line = make("span", { class: "last" }, last ? `${last.mine ? "You: " : ""}${last.text}` : `@${username}`);
  const count = unread > 0 && !isOpen ? make("span", { class: "unread" }, String(unread)) : "";
  return make(
    "button",
    { type: "button", class: isOpen ? "chat current" : "chat", on: () => open(username) },
    avatar(id, name),
    make(
      "span",
      { class: "summary" },
      make("span", { class: "top" }, title, when),
      make("span", { class: "top" }, line, count),
    ),
  );
}
