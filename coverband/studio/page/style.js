// Choice of the style of a cover: that of the model, or of another band's recordings, which can be dropped here.

import { get, post, put } from "./api.js";
import { el, field, fill } from "./dom.js";
import { attempt } from "./action.js";
import { text } from "./text.js";
import { dropZone, sendAll } from "./upload.js";

const words = text.style;

export function styleChoice(band) {
  const choice = el("select", { name: "style" });
  const name = el("input", { name: "other_band", maxlength: 60, autocomplete: "off" });
  const status = el("p", { class: "muted small", role: "status" });
  const problems = el("ul", { class: "problems plain", role: "alert" });
  const { zone } = dropZone(words.drop, words.dropHint, (files) => attempt(() => add(files)), { small: true });
  const chosen = field(words.style, choice);
  const others = el("details", {}, el("summary", {}, words.other), el("p", { class: "muted small" }, words.otherHint), el("div", { class: "fields" }, field(words.name, name), zone), status, problems);

  // The recordings become a band of their own.
  async function add(files) {
    if (!name.value.trim()) throw new Error(words.needName);
    problems.replaceChildren();
    const created = await post(["bands"], { name: name.value });
    await sendAll(files, (file) => put(["bands", created.name, "songs", file.name], file), (done, total, error, file) => {
      status.textContent = done < total ? text.songs.uploading(done, total) : "";
      if (error) problems.append(el("li", {}, text.songs.notAdded(file.name, error.message)));
    });
    name.value = "";
    await show();
    choice.value = created.name;
  }

  async function show() {
    const { bands } = await get("studio");
    const names = bands.filter((each) => each.songs && each.name !== band).map((each) => each.name);
    const before = choice.value;
    fill(choice, names, () => [el("option", { value: "" }, words.own), names.map((each) => el("option", { value: each }, each))]);
    choice.value = names.includes(before) ? before : "";
  }

  return { field: chosen, others, show, value: () => choice.value };
}
