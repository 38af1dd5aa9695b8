import { avatar, button, byId, make, toast } from "./dom.js";
import { addUser, createManagedBot } from "./server.js";

function show(...children) {
  const dialog = byId("dialog");
  dialog.replaceChildren(...children);
  dialog.showModal();
  return dialog;
}

const close = () => byId("dialog").close();

const field = (label, properties) => {
  const input = make("input", { required: true, autocomplete: "off", ...properties });
  return { input, label: make("label", {}, label, input) };
};

/** A form whose handler may fail: the reason is shown, and the dialog stays. */
function form(submit, ...children) {
  const element = make("form", {}, ...children);
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    submit().then(close, (error) => toast(error.message));
  });
  return element;
}

/** Whose Telegram this is. */
export function chooseUser(users, current, onChoose) {
  const choose = (id) => {
    close();
    onChoose(id);
  };
  const list = users.map(({ id, first_name }) =>
    make(
      "button",
      { type: "button", class: id === current ? "user current" : "user", on: () => choose(id) },
      avatar(id, first_name),
      make("span", { class: "who" }, make("b", {}, first_name), make("small", {}, `user id ${id}`)),
    ),
  );
  const name = field("New user", { placeholder: "Name", maxLength: 64 });
  const add = form(
    async () => onChoose((await addUser(name.input.value)).id),
    name.label,
    make("button", { class: "primary" }, "Add"),
  );
  show(
    make("h2", {}, "Telegram users"),
    make("div", { class: "users" }, ...list),
    add,
    button("Close", close, "quiet"),
  );
}

/** What `t.me/newbot/…` and a request_managed_bot button open. */
export function confirmManagedBot({ user, manager, username, name, requestId }, onCreated) {
  const named = field("Name", { value: name, maxLength: 64 });
  const called = field("Username", { value: username, maxLength: 32 });
  const create = async () => {
    const wish = { user, manager, username: called.input.value, name: named.input.value, request_id: requestId };
    onCreated((await createManagedBot(wish)).username);
  };
  show(
    make("h2", {}, "Create a bot"),
    make("p", {}, `@${manager} will manage it for you; it stays yours.`),
    form(create, named.label, called.label, make("button", { class: "primary" }, "Create")),
    button("Cancel", close, "quiet"),
  );
}

export function alertBox(text) {
  show(make("p", {}, text), button("OK", close, "primary"));
}
