// Step 3: songs to translate, with the dials, and the covers.

import { get, post, put } from "./api.js";
import { bar, el, field, fill, fillEach, link, slider } from "./dom.js";
import { attempt, showError } from "./action.js";
import { styleChoice } from "./style.js";
import { manage, putBack } from "./manage.js";
import { text } from "./text.js";
import { dropZone } from "./upload.js";

const words = text.covers;
const AUTOMATIC = 0.5; // closeness that the song itself requires
const AT_ONCE = { name: "", closeness: true, style: true, vocoder: false }; // the base, with nothing trained

// Model and dials, as a form has them.
export function dials(band) {
  const model = el("select", { name: "model" });
  const strength = slider(words.strength, { name: "strength", min: 0, max: 1, step: 0.05, value: 1, words: words.percent, ends: words.strengthEnds });
  const closeness = slider(words.closeness, { name: "closeness", min: 0, max: 1, step: 0.05, value: AUTOMATIC, words: (value) => (value === AUTOMATIC ? words.automatic : words.percent(value)), ends: words.closenessEnds });
  const vocoder = el("select", { name: "vocoder" });
  const style = styleChoice(band);
  let runs = [];
  const update = () => {
    const run = runs.find((each) => each.name === model.value);
    closeness.node.hidden = !run?.closeness;
    style.field.hidden = style.others.hidden = !run?.style;
    const chosen = vocoder.value || "default";
    fill(vocoder, { own: run?.vocoder }, ({ own }) => [el("option", { value: "default" }, own ? words.ownVocoder : words.phase), el("option", { value: "shipped" }, words.network)]);
    vocoder.value = chosen;
  };
  model.addEventListener("change", update);
  return {
    nodes: [el("div", { class: "fields" }, field(words.model, model), strength.node, closeness.node),
      el("details", { "data-name": "sound" }, el("summary", {}, words.sound), el("div", { class: "fields sound" }, field(words.vocoder, vocoder, words.vocoderHint), style.field), style.others)],
    async show(trained) {
      const found = [AT_ONCE, ...trained.map(({ name, closeness: dial, style: takes, vocoder: own }) => ({ name, closeness: dial, style: takes, vocoder: own }))];
      if (JSON.stringify(found) !== JSON.stringify(runs)) await style.show();
      runs = found;
      const names = runs.map((run) => run.name);
      if (fill(model, names, () => names.map((name) => el("option", { value: name }, name || words.atOnce)))) model.value = names.at(-1);
      update();
    },
    values: () => ({
      run: model.value, strength: Number(strength.input.value), vocoder: vocoder.value,
      ...(closeness.node.hidden ? {} : { closeness: Number(closeness.input.value) }),
      ...(style.field.hidden ? {} : { style: style.value() }),
    }),
  };
}

export function view({ band }) {
  let files = [];
  let stem = null;
  const dial = dials(band);
  const song = dropZone(words.drop, words.dropHint, (chosen) => {
    files = chosen;
    song.title.textContent = words.chosen(files.map((file) => file.name));
    showError("");
  });
  const stemZone = dropZone(words.stemDrop, words.singerHint, (chosen) => {
    [stem] = chosen;
    stemZone.title.textContent = stem.name;
    const named = /\.(vocals|instrumental)\.[^.]*$/i.exec(stem.name); // as in a folder of `coverband translate`
    if (named) form.querySelector(`input[name=role][value=${named[1].toLowerCase()}]`).checked = true;
    singer.hidden = false;
  }, { multiple: false, small: true });
  const level = slider(words.level, { name: "level", min: -20, max: 20, step: 1, value: 0, words: words.decibels, ends: words.levelEnds });
  const singer = el("div", { class: "fields", hidden: true },
    el("fieldset", {}, el("legend", {}, words.role), el("div", { class: "sides" }, Object.entries(words.roles).map(([role, name], index) =>
      el("label", {}, el("input", { type: "radio", name: "role", value: role, checked: !index }), el("span", {}, name))))),
    level.node, el("button", { type: "button", onclick: leaveOut }, words.removeStem));
  const status = el("p", { role: "status", class: "muted" });
  const button = el("button", { class: "main" }, words.translate);
  const form = el("form", { class: "card" }, song.zone, dial.nodes,
    el("details", {}, el("summary", {}, words.singer), stemZone.zone, singer), el("div", { class: "actions" }, button, status));
  const needs = el("p", { class: "card", hidden: true }, words.needModel, " ", el("a", { href: link("band", band, "train") }, words.toTrain));
  const list = el("ul", { class: "plain", "aria-label": words.songs });
  const removed = el("div");
  const heading = el("h2", {}, words.songs);
  const none = el("p", { class: "muted" }, words.none);

  function leaveOut() {
    stem = null;
    stemZone.title.textContent = words.stemDrop;
    singer.hidden = true;
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(async () => {
      if (!files.length) throw new Error(words.choose);
      if (stem && files.length > 1) throw new Error(words.stemOne);
      button.disabled = true;
      try {
        for (const file of [...files]) {
          await translate(file);
          files = files.filter((each) => each !== file);
        }
        song.title.textContent = words.drop;
        leaveOut();
      } finally {
        button.disabled = false;
        status.textContent = "";
      }
    });
  });

  async function translate(file) {
    status.textContent = words.sending(file.name);
    const values = dial.values();
    const { title } = await put(["bands", band, "covers", file.name], file);
    if (stem) {
      await put(["bands", band, "covers", title, "stems", form.querySelector("input[name=role]:checked").value, stem.name], stem);
      values.vocals_level = Number(level.input.value);
    }
    await post(["bands", band, "covers", title, "translate"], values);
  }

  function row(each) {
    return el("div", { class: "card song" }, el("div", { class: "title" }, el("strong", { class: "name" }, each.title), each.covers.length ? el("span", { class: "muted" }, words.covers(each.covers.length)) : null,
      el("span", { class: "actions" }, each.covers.length ? el("a", { class: "button main", href: link("band", band, "covers", each.title) }, words.listen) : null)),
    each.tasks.map((task) => taskLine(band, each.title, task)), manage(["bands", band, "covers"], each.title));
  }

  return {
    heading: () => words.heading(band),
    nodes: [el("h1", {}, words.heading(band)), el("p", { class: "lead" }, words.lead), needs, form, heading, list, none, removed],
    async update() {
      const [{ runs }, { songs, removed: titles }] = await Promise.all([get("bands", band, "runs"), get("bands", band, "covers")]);
      fill(removed, titles, () => putBack(["bands", band, "covers"], titles));
      const trained = runs.filter((run) => run.trained);
      needs.hidden = trained.length > 0;
      await dial.show(trained);
      heading.hidden = !songs.length;
      none.hidden = songs.length > 0;
      fillEach(list, songs.map((each) => ({ ...each, name: each.title, tasks: each.tasks.map(brief) })), row, "li");
    },
  };
}

export function brief({ id, state, fraction, message, cover, run, strength, closeness, vocals_level, vocoder, style }) {
  return { id, state, fraction, message, cover, run, strength, closeness, vocals_level, vocoder, style };
}

// A translation that is under way, or has failed.
export function taskLine(band, title, task) {
  const { id, state, fraction, message, cover, ...values } = task;
  const dismiss = () => attempt(() => post(["tasks", id, "stop"]));
  if (state === "queued" || state === "running") {
    return el("div", { class: "task" }, el("span", {}, `${cover}: ${words.task[state]}`), state === "running" ? bar(fraction, cover) : null,
      el("button", { type: "button", class: "quiet", onclick: dismiss }, words.stop));
  }
  const again = () => attempt(async () => {
    await post(["tasks", id, "stop"]);
    if (values.closeness === AUTOMATIC) delete values.closeness;
    await post(["bands", band, "covers", title, "translate"], values);
  });
  return el("div", { class: "task" }, el("p", { class: "problem" }, state === "died" ? words.died : words.failed(message)),
    el("button", { type: "button", onclick: again }, words.again), el("button", { type: "button", class: "quiet", onclick: dismiss }, words.dismiss));
}
