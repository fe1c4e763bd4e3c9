// First view: the bands, a new one, and what is at work.

import { get, post } from "./api.js";
import { bar, el, field, fill, icon, ICONS, link } from "./dom.js";
import { attempt } from "./action.js";
import { manage, putBack } from "./manage.js";
import { text } from "./text.js";

const words = text.start;

export function view() {
  const name = el("input", { name: "name", required: true, maxlength: 60, autocomplete: "off" });
  const form = el("form", { class: "card new" }, el("h2", {}, words.newBand), field(words.name, name), el("button", { class: "main" }, words.create));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(async () => {
      const created = await post(["bands"], { name: name.value });
      location.hash = link("band", created.name, "songs");
    });
  });
  const bands = el("ul", { class: "bands", "aria-label": words.bands });
  const removed = el("div");
  const work = el("section", { "aria-label": words.work });
  const folder = el("p", { class: "muted small" });
  return {
    nodes: [
      el("div", { class: "hero" }, icon(ICONS.bars), el("h1", {}, words.heading), el("p", { class: "lead" }, words.lead)),
      bands, removed, form, work,
    ],
    foot: folder,
    async update() {
      const studio = await get("studio");
      folder.textContent = words.folder(studio.folder);
      fill(bands, studio.bands, () => studio.bands.map(card));
      fill(removed, studio.removed, (names) => putBack(["bands"], names));
      fill(work, studio.tasks, atWork);
    },
  };
}

function card(band) {
  const step = !band.songs ? "songs" : band.covers ? "covers" : "train";
  return el("li", { class: "card" }, el("a", { href: link("band", band.name, band.runs.length ? step : "songs") },
    el("strong", {}, band.name), el("span", { class: "muted" }, words.facts(band))), manage(["bands"], band.name));
}

function atWork(tasks) {
  if (!tasks.length) return [];
  const place = (task) => (task.kind === "survey" ? "songs" : task.kind === "translate" ? "covers" : "train");
  return [el("h2", {}, words.work), el("ul", { class: "plain card" }, tasks.map((task) =>
    el("li", { class: "task" }, el("a", { href: link("band", task.band, place(task)) }, [task.band, task.run, task.title].filter(Boolean).join(" · ")),
      task.state === "running" ? bar(task.fraction, task.what || text.train.loading) : el("span", { class: "muted" }, text.train.states.queued))))];
}
