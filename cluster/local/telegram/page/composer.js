import { button, byId, make } from "./dom.js";

/**
 * The line at the foot of a chat: a text, what goes with it, and the bot's commands while one is being typed.
 * @param {{ send(text: string): void, commands(): { command: string, description: string }[] }} chat
 */
export function setUpComposer({ send, commands }) {
  const submit = (text) => {
    byId("text").value = "";
    send(text);
  };
  byId("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    submit(byId("text").value);
  });
  byId("text").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit(byId("text").value);
  });
  byId("text").addEventListener("input", () => suggest(commands(), submit));
  byId("attach").addEventListener("click", () => byId("file").click());
  byId("file").addEventListener("change", () => {
    const [file] = byId("file").files;
    byId("attachment").hidden = !file;
    byId("attachment-name").textContent = file?.name ?? "";
  });
  byId("detach").addEventListener("click", clearComposer);
}

export function clearComposer() {
  byId("file").value = "";
  byId("attachment").hidden = true;
  byId("commands").hidden = true;
}

function suggest(commands, submit) {
  const typed = byId("text").value;
  const fitting = /^\/\w*$/.test(typed) ? commands.filter(({ command }) => `/${command}`.startsWith(typed)) : [];
  const rows = fitting.map(({ command, description }) =>
    button({ on: () => submit(`/${command}`) }, make("b", {}, `/${command}`), ` ${description}`),
  );
  byId("commands").hidden = rows.length === 0;
  byId("commands").replaceChildren(...rows);
}
