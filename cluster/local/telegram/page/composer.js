import { byId, make } from "./dom.js";

/**
 * The line at the foot of a chat: a text, what goes with it, and the bot's commands while one is being typed.
 * @param {{ send(text: string): void, commands(): { command: string, description: string }[], onDetach(): void }} chat
 */
export function setUpComposer({ send, commands, onDetach }) {
  const submit = (text) => {
    byId("text").value = "";
    grow();
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
  byId("text").addEventListener("input", () => {
    grow();
    suggest(commands(), submit);
  });
  byId("file").addEventListener("change", () => {
    const [file] = byId("file").files;
    if (file) attach(file.name);
  });
  byId("detach").addEventListener("click", onDetach);
}

/** Shows what the next message goes with: a file, or the message it replies to. */
export function attach(label) {
  byId("attachment").hidden = false;
  byId("attachment-name").textContent = label;
}

export function clearComposer() {
  byId("file").value = "";
  byId("attachment").hidden = true;
  byId("commands").hidden = true;
}

function suggest(commands, submit) {
  const typed = byId("text").value;
  const fitting = /^\/\w*$/.test(typed) ? commands.filter(({ command }) => `/${command}`.startsWith(typed)) : [];
  byId("commands").hidden = fitting.length === 0;
  byId("commands").replaceChildren(...fitting.map((command) => commandRow(command, submit)));
}

const commandRow = ({ command, description }, submit) =>
  make("button", { type: "button", on: () => submit(`/${command}`) }, make("b", {}, `/${command}`), ` ${description}`);

function grow() {
  const box = byId("text");
  box.rows = Math.min(6, box.value.split("\n").length);
}
