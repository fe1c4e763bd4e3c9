// Controls of things with names (bands, models, songs, covers): rename, move out, put back.

import { patch, post, remove } from "./api.js";
import { attempt } from "./action.js";
import { el, field } from "./dom.js";
import { text } from "./text.js";

const words = text.manage;

// Renames a thing, or moves it out; `place` is the path of its kind, and `renamed` is called with a new name.
export function manage(place, name, renamed = () => {}) {
  const input = el("input", { name: "new_name", required: true, maxlength: 60, autocomplete: "off", value: name });
  const form = el("form", { class: "line" }, field(words.name, input), el("button", {}, words.rename),
    el("button", { type: "button", class: "quiet", "aria-label": words.removeThing(name), onclick: () => attempt(() => remove(...place, name)) }, words.remove));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(async () => {
      const answer = await patch([...place, name], { name: input.value });
      renamed(answer.name);
    });
  });
  return el("details", { class: "manage", "data-name": `manage ${name}` }, el("summary", { "aria-label": words.manageThing(name) }, words.manage), form, el("p", { class: "muted small" }, words.hint));
}

// List of the things that were moved out, to put them back; nothing if there are none.
export function putBack(place, names) {
  if (!names.length) return null;
  return el("details", { class: "removed", "data-name": "removed" }, el("summary", {}, words.removed(names.length)), el("ul", { class: "plain songs" }, names.map((name) =>
    el("li", {}, el("span", { class: "name" }, name), el("button", { type: "button", class: "quiet", "aria-label": words.restoreThing(name), onclick: () => attempt(() => post([...place, "restore"], { name })) }, words.restore)))));
}
