/** The element with that id; a typo is an error at once. */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`there is no #${id} on the page`);
  return element;
}

/**
 * Makes an element. Text only ever becomes text: there is no way from a bot's message to markup in here.
 * @param {string} tag
 * @param {Record<string, unknown>} properties `class`, `on` (click handler), other properties as they are
 * @param {(Node | string)[]} children
 */
export function make(tag, properties = {}, ...children) {
  const { class: className, on, ...rest } = properties;
  const element = Object.assign(document.createElement(tag), rest);
  if (className) element.className = className;
  if (on) element.addEventListener("click", on);
  element.append(...children);
  return element;
}

export function button(text, on, className = "") {
  return make("button", { type: "button", class: className, on }, text);
}

/** First letters on one of seven colours. */
export function paintAvatar(element, id, name) {
  element.textContent = Array.from(name.trim())[0]?.toUpperCase() ?? "?";
  element.dataset.colour = String(id % 7);
}

export function avatar(id, name) {
  const element = make("span", { class: "avatar", ariaHidden: "true" });
  paintAvatar(element, id, name);
  return element;
}

export const timeOf = (unixSeconds) =>
  new Date(unixSeconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

let hiding;

/** A short word at the foot of the page. */
export function toast(text) {
  const element = byId("toast");
  element.textContent = text;
  element.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => {
    element.hidden = true;
  }, 4000);
}
