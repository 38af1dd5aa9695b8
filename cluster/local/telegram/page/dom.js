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

export const button = (properties, ...children) => make("button", { type: "button", ...properties }, ...children);

/** A name beside its first letter on a colour of its own, and a line below. */
export function face({ id, name }, line) {
  const [letter = "?"] = name.trim().toUpperCase();
  const avatar = make("span", { class: "avatar", ariaHidden: "true" }, letter);
  avatar.style.setProperty("--hue", String((id * 67) % 360));
  return [avatar, make("span", { class: "who" }, make("b", {}, name), make("small", {}, line))];
}

export const timeOf = (unixSeconds) =>
  make("time", {}, new Date(unixSeconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }));
