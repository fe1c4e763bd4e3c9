// Step 2: models of the band; start, pause, go on, and how the chosen one does.

import { get, post } from "./api.js";
import { bar, el, field, fill, fillEach, link, pill } from "./dom.js";
import { attempt } from "./action.js";
import { manage, putBack } from "./manage.js";
import { text } from "./text.js";
import { details } from "./training.js";

const words = text.train;
const KINDS = { running: "busy", stopping: "busy", queued: "fair", stopped: "fair", done: "good", idle: "good", failed: "poor", died: "poor" };
const OPEN = ["queued", "running"];

export function view({ band, run: chosen }) {
  const list = el("div", { class: "runs" });
  const removed = el("div");
  const shown = details(band);
  const form = newModel();
  const needs = el("p", { class: "card", hidden: true }, words.needSongs, " ", el("a", { href: link("band", band, "songs") }, words.toSongs));

  const train = (run, minutes, base = false) => attempt(async () => {
    await post(["bands", band, "runs"], { run, minutes, base });
    if (run !== chosen) location.hash = link("band", band, "train", run);
  });
  const stop = (id) => attempt(() => post(["tasks", id, "stop"]));

  function newModel() {
    const name = el("input", { name: "run", required: true, maxlength: 60, autocomplete: "off" });
    const other = el("input", { type: "number", name: "minutes", min: 0.1, max: 43200, step: "any", value: 30, "aria-label": words.otherMinutes });
    const sizes = words.sizes.map((size, index) => el("label", { class: "choice" },
      el("input", { type: "radio", name: "size", value: size.minutes, checked: index === 0 }), el("strong", {}, size.name), el("span", { class: "muted small" }, size.hint),
      !size.base && el("span", { class: "muted small expected", "data-minutes": size.minutes })));
    const free = el("label", { class: "choice" }, el("input", { type: "radio", name: "size", value: "other" }), el("strong", {}, words.other),
      el("span", { class: "line" }, other, el("span", { class: "muted small", "aria-hidden": "true" }, words.otherMinutes)));
    other.addEventListener("input", () => { free.querySelector("input[type=radio]").checked = true; });
    const node = el("form", { class: "card" }, el("h2", {}, words.newModel), field(words.name, name),
      el("fieldset", {}, el("legend", {}, words.time), el("div", { class: "choices" }, sizes, free)),
      el("p", { class: "muted small measured" }, words.measured), el("button", { class: "main" }, words.start));
    node.addEventListener("submit", (event) => {
      event.preventDefault();
      const size = node.querySelector("input[name=size]:checked").value;
      const base = words.sizes.some((each) => each.base && each.minutes === Number(size));
      train(name.value, Number(size === "other" ? other.value : size), base);
    });
    // Steps that this computer takes, once a training has measured its speed.
    const expect = (speed) => {
      node.querySelector(".measured").hidden = speed !== null;
      for (const each of node.querySelectorAll(".expected")) {
        const steps = speed === null ? "" : words.expected(60 * each.dataset.minutes * speed);
        if (each.textContent !== steps) each.textContent = steps;
      }
    };
    return { node, name, expect };
  }

  function stateOf({ task }) {
    if (!task) return "idle";
    return task.stopping ? "stopping" : task.state;
  }

  function card(run) {
    const { task, state, here } = run;
    const title = el("h2", {}, here ? run.name : el("a", { href: link("band", band, "train", run.name) }, run.name));
    const learnt = run.trained ? words.steps(run.steps) : words.nothing;
    const parts = [el("div", { class: "title" }, title, pill(words.states[state], KINDS[state]), state === "running" || state === "stopping" ? null : el("span", { class: "muted" }, learnt))];
    if (task && OPEN.includes(task.state)) parts.push(...progress(task, state));
    if (state === "died") parts.push(el("p", { class: "muted" }, words.died));
    if (state === "failed") parts.push(el("p", { class: "problem" }, words.failed(task.message)));
    if (run.trained) parts.push(el("p", { class: "muted small" }, used(run)));
    parts.push(el("div", { class: "actions" }, actions(run, state)));
    if (run.exists && !(task && OPEN.includes(task.state))) parts.push(manage(["bands", band, "runs"], run.name, (name) => { if (here) location.hash = link("band", band, "train", name); }));
    return el("section", { class: here ? "card run chosen" : "card run", "aria-label": run.name }, parts);
  }

  // Which of a run's models the covers are by, and why.
  function used({ steps, best }) {
    if (!best) return words.newest;
    const score = words.scored(words.score[best.metric] ?? best.metric, best.value);
    return best.step === steps ? words.bestIsNewest(score) : words.best(best.step, score);
  }

  function progress(task, state) {
    if (state === "queued") return [el("p", { class: "muted" }, words.queuedBehind)];
    const learning = task.what === "training";
    const ending = learning && task.fraction >= 1;
    const label = ending ? words.finishing : learning ? words.left(task.seconds_left ?? 60 * task.minutes) : task.what === "Preparing" ? words.preparing : words.loading;
    const facts = learning && !ending && el("p", { class: "muted small" }, words.stepsOf(task.done, task.total), " · ", words.speed(task.total, task.minutes));
    return [el("p", { class: "left" }, label), bar(ending || (!learning && task.what !== "Preparing") ? null : task.fraction, label), facts];
  }

  function actions(run, state) {
    const { task, minutes } = run;
    const button = (label, action, kind = "") => el("button", { type: "button", class: kind, onclick: action }, label);
    if (state === "running") return [button(words.pause, () => stop(task.id))];
    if (state === "stopping") return [button(words.stopAtOnce, () => stop(task.id), "quiet")];
    if (state === "queued") return [button(words.cancel, () => stop(task.id))];
    const covers = run.trained && el("a", { class: "button main", href: link("band", band, "covers") }, words.covers);
    if (["stopped", "died", "failed"].includes(state)) {
      return [button(words.goOn, () => train(run.name, minutes), "main"), covers, !run.exists && button(words.dismiss, () => stop(task.id), "quiet")];
    }
    return [covers, longer(run)];
  }

  function longer(run) {
    const base = run.minutes ?? 10;
    const more = [2 * base, base + 60, base + 480].filter((minutes, index, all) => all.indexOf(minutes) === index);
    const choice = el("select", { "aria-label": words.longer }, more.map((minutes) => el("option", { value: minutes }, words.longerBy(minutes))));
    return el("span", { class: "line" }, choice, el("button", { type: "button", onclick: () => train(run.name, Number(choice.value)) }, words.longer));
  }

  return {
    heading: () => words.heading(band),
    nodes: [el("h1", {}, words.heading(band)), el("p", { class: "lead" }, words.lead), needs, list, removed, shown.node, form.node],
    close: shown.close,
    async update() {
      const [{ runs, removed: names, speed }, { songs, generic }] = await Promise.all([get("bands", band, "runs"), get("bands", band)]);
      form.expect(speed);
      form.node.hidden = !(songs.length && generic.songs.length);
      needs.hidden = !form.node.hidden;
      if (!form.name.value && document.activeElement !== form.name) form.name.value = words.suggested(runs.length + 1);
      if (!runs.some((run) => run.name === chosen)) chosen = null;
      chosen ??= (runs.find((run) => run.task?.state === "running") ?? runs.at(-1))?.name;
      fillEach(list, runs.map((run) => ({ ...run, state: stateOf(run), here: run.name === chosen })), card);
      fill(removed, names, () => putBack(["bands", band, "runs"], names));
      const run = runs.find((each) => each.name === chosen);
      await shown.update(run ? run.name : null);
    },
  };
}
