// How a model does: scores, health, the same clips then and now, report and export.

import { get, path, post } from "./api.js";
import { bar, el, fill, icon, ICONS } from "./dom.js";
import { attempt } from "./action.js";
import { text } from "./text.js";

const words = text.train;
const CLIPS = 3;
const SIDES = ["source", "then", "now", "band"];

export function details(band) {
  const [scores, health, clips, more] = ["scores", "health", "clips", "more"].map(() => el("section", { class: "card" }));
  const report = el("div");
  const node = el("div", { class: "details", hidden: true }, el("h2", {}, words.details), el("div", { class: "cards" }, scores, health), clips, more, report);
  const audio = new Audio();
  let playing = ""; // address of the clip that is heard
  let then = null; // step of the earlier clips, by the user
  audio.addEventListener("ended", () => hear(""));

  // A clip begins where another version of the same clip is.
  function hear(address, clip) {
    const place = audio.dataset.clip === String(clip) && playing ? audio.currentTime : 0;
    audio.pause();
    playing = address === playing ? "" : address;
    if (playing) {
      audio.src = playing;
      audio.dataset.clip = clip;
      audio.currentTime = place;
      audio.play().catch(() => {}); // it is interrupted by the next clip, or the end of the view
    }
    for (const button of clips.querySelectorAll("button[data-address]")) button.setAttribute("aria-pressed", button.dataset.address === playing && playing !== "");
  }

  function drawScores(found) {
    const names = Object.keys(found);
    return [el("h3", {}, words.scores), names.length ? [el("dl", { class: "scores" }, names.map((name) => score(name, found[name]))), el("p", { class: "muted small" }, words.scoresHint)]
      : el("p", { class: "muted" }, words.noScores)];
  }

  function score(name, history) {
    const value = history.at(-1)[1];
    return el("div", {}, el("dt", {}, words.score[name]), el("dd", {}, el("meter", { min: 0, max: 1, value, "aria-label": words.score[name] }), el("strong", {}, words.value(value)), spark(history.map((point) => point[1]))));
  }

  function drawHealth({ checked, findings }) {
    const all = !checked ? el("p", { class: "muted" }, words.unchecked)
      : findings.length ? el("ul", { class: "plain findings" }, findings.map((each) => el("li", {}, icon(ICONS.warn), el("span", {}, each.sentence))))
        : el("p", { class: "fine" }, icon(ICONS.tick), words.healthy);
    return [el("h3", {}, words.health), all];
  }

  function drawClips(run, steps) {
    if (!steps.length) return [el("h3", {}, words.clips), el("p", { class: "muted" }, words.noClips)];
    const newest = steps.at(-1);
    const earlier = steps.slice(0, -1);
    const first = earlier.find((each) => each.step === then) ?? earlier[0];
    const choice = earlier.length > 0 && el("label", { class: "field line" }, el("span", { class: "label" }, words.then),
      el("select", {}, earlier.map((each) => el("option", { value: each.step, selected: each === first }, words.at(each.step, newest.time - each.time)))));
    if (choice) {
      choice.querySelector("select").addEventListener("change", (event) => {
        then = Number(event.target.value);
        fill(clips, { run, steps, then }, () => drawClips(run, steps));
      });
    }
    const address = { source: ["source", 0], then: first && ["cover", first.step], now: ["cover", newest.step], band: ["band", 0] };
    const rows = Array.from({ length: CLIPS }, (_, clip) => el("li", {}, el("span", { class: "label" }, words.clip(clip + 1)), el("span", { class: "sides" }, SIDES.filter((side) => address[side]).map((side) => {
      const url = path("bands", band, "runs", run, "clips", ...address[side], clip);
      return el("button", { type: "button", "data-address": url, "aria-pressed": "false", "aria-label": words.play(clip + 1, words.sides[side]), title: words.sideHint[side], onclick: () => hear(url, clip) }, words.sides[side]);
    }))));
    return [el("h3", {}, words.clips), choice, el("ul", { class: "plain clips" }, rows)];
  }

  function drawMore({ name, report: made, export: exported, jobs }) {
    const state = (kind) => jobs.find((job) => job.kind === kind);
    const busy = (job) => job && ["queued", "running"].includes(job.state);
    const failed = (job) => job && ["failed", "died"].includes(job.state) && el("p", { class: "problem" }, words.taskFailed(job.message));
    const [evaluation, exporting] = [state("evaluate"), state("export")];
    const start = (kind) => () => attempt(() => post(["bands", band, "runs", name, kind]));
    return [
      el("div", {}, el("h3", {}, words.report), el("p", { class: "muted small" }, words.reportHint), failed(evaluation),
        busy(evaluation) ? [el("p", {}, words.reporting), bar(evaluation.fraction, words.reporting)] : el("button", { type: "button", onclick: start("report") }, made ? words.reportAgain : words.makeReport)),
      el("div", {}, el("h3", {}, words.export), el("p", { class: "muted small" }, words.exportHint), failed(exporting),
        busy(exporting) ? [el("p", {}, words.exporting), bar(null, words.exporting)] : el("button", { type: "button", onclick: start("export") }, words.makeExport),
        exported && !busy(exporting) ? el("p", { class: "path" }, words.exported(exported)) : null),
    ];
  }

  return {
    node,
    close: () => audio.pause(),
    async update(run) {
      node.hidden = !run;
      if (!run) return;
      const found = await get("bands", band, "runs", run);
      node.hidden = !(found.trained || found.clips.length || found.task);
      fill(scores, found.scores, drawScores);
      fill(health, { checked: found.checked, findings: found.findings }, drawHealth);
      if (fill(clips, { run, steps: found.clips, then }, () => drawClips(run, found.clips))) hear("");
      const jobs = found.jobs.map(({ kind, state, fraction, message }) => ({ kind, state, fraction, message }));
      more.hidden = !found.trained;
      if (found.trained) fill(more, { name: run, report: found.report, export: found.export, jobs }, drawMore);
      const idle = !jobs.some((job) => job.kind === "evaluate" && ["queued", "running"].includes(job.state));
      fill(report, { run, page: found.report && idle }, ({ page }) => page && el("iframe", { title: words.report, src: `${path("bands", band, "runs", run, "report")}` }));
    },
  };
}

// Course of a score, as a small line.
function spark(values) {
  if (values.length < 2) return null;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const points = values.map((value, index) => `${(60 * index) / (values.length - 1)} ${16 - (14 * (value - low)) / Math.max(high - low, 1e-6)}`);
  const line = icon(`M${points.join("L")}`, "-1 0 62 18");
  line.setAttribute("class", "spark");
  return line;
}
