// Step 1: the songs of the band, the other music, and what the survey finds.

import { get, post, put } from "./api.js";
import { bar, el, field, fill, icon, ICONS, link, pill } from "./dom.js";
import { attempt } from "./action.js";
import { text } from "./text.js";
import { dropZone, sendAll } from "./upload.js";

const words = text.songs;
const KINDS = { enough: "good", little: "fair", "too little": "poor" };

export function view({ band }) {
  let studio = null;
  const piles = {
    band: pile("band", ["bands", band], words.band, words.bandHint),
    content: pile("content", ["generic"], words.generic, words.genericHint),
  };
  const survey = el("section", { class: "survey" });
  const next = el("a", { class: "button main", href: link("band", band, "train") }, words.next);
  const nextLine = el("p", { class: "next" }, next);

  function pile(domain, place, title, hint) {
    const amount = el("div", { class: "amount" });
    const list = el("div");
    const status = el("p", { class: "muted small", role: "status" });
    const problems = el("ul", { class: "problems plain", role: "alert" });
    const add = el("div");
    const { zone } = dropZone(words.drop, words.dropHint, (files) => attempt(async () => {
      problems.replaceChildren();
      status.textContent = words.uploading(0, files.length);
      await sendAll(files, (file) => put([...place, "songs", file.name], file), (done, total, error, file) => {
        status.textContent = done < total ? words.uploading(done, total) : "";
        if (error) problems.append(el("li", {}, words.notAdded(file.name, error.message)));
      });
      await check();
    }));
    const node = el("section", { class: "card pile" }, el("h2", {}, title), el("p", { class: "muted small" }, hint), amount, zone, status, problems, add, list);
    return { node, amount, list, add, domain, place };
  }

  // The songs are checked whenever they have changed.
  async function check() {
    const { songs, generic } = await get("bands", band);
    if (songs.length && generic.songs.length) await post(["bands", band, "survey"]);
  }

  const change = (place, action, values) => attempt(async () => {
    await post([...place, action], values);
    await check();
  });

  function drawPile(each, names, removed, found) {
    const { domain, place } = each;
    fill(each.amount, { count: names.length, found: found?.domains[domain], stale: found?.stale }, (data) => [
      el("strong", { class: "big" }, words.count(data.count)),
      data.found && data.count ? el("span", { class: "muted" }, words.length(data.found.minutes)) : null,
      data.found && data.count ? pill(words.amount[data.found.amount], KINDS[data.found.amount]) : null,
    ]);
    fill(each.add, { examples: studio.examples.includes(domain) && !names.length, shipped: !studio.examples.includes("band"), local: studio.is_local }, (data) => [
      data.examples && el("button", { type: "button", onclick: () => change(place, "songs", { examples: true }) }, data.shipped ? words.shipped : words.examples),
      data.examples && data.shipped && el("p", { class: "muted small" }, words.shippedHint),
      data.local && folderForm(place),
    ]);
    fill(each.list, { names, removed, seconds: found?.seconds[domain] }, (data) => [
      data.names.length ? el("details", { "data-name": "songs" }, el("summary", {}, words.list), el("ul", { class: "plain songs" }, data.names.map((name) => row(place, name, data.seconds?.[name])))) : null,
      data.removed.length ? el("details", { "data-name": "removed" }, el("summary", {}, words.removed(data.removed.length)), el("ul", { class: "plain songs" }, data.removed.map((name) =>
        el("li", {}, el("span", { class: "name" }, name), el("button", { type: "button", class: "quiet", "aria-label": words.restoreSong(name), onclick: () => change(place, "restore", { name }) }, words.restore))))) : null,
    ]);
  }

  function row(place, name, seconds) {
    return el("li", {}, el("span", { class: "name" }, name), el("span", { class: "muted clock" }, seconds ? text.clock(seconds) : ""),
      el("button", { type: "button", class: "quiet", "aria-label": words.removeSong(name), onclick: () => change(place, "remove", { name }) }, words.remove));
  }

  function folderForm(place) {
    const input = el("input", { name: "folder", required: true, autocomplete: "off", placeholder: "~/Music" });
    const form = el("form", { class: "line" }, field(words.path, input, words.folderHint), el("button", {}, words.add));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      change(place, "songs", { folder: input.value });
    });
    return el("details", { "data-name": "folder" }, el("summary", {}, words.folder), form);
  }

  function drawSurvey({ ready, task, found }) {
    const busy = task && ["queued", "running"].includes(task.state);
    if (!ready) return el("p", { class: "muted" }, words.waiting);
    if (busy) {
      const label = task.total ? words.checkingOf(task.done, task.total) : words.checking;
      return el("div", { class: "card" }, el("p", {}, label), bar(task.fraction, label));
    }
    const again = (!found || found.stale) && el("button", { type: "button", onclick: () => attempt(check) }, words.check);
    const failed = task && ["failed", "died"].includes(task.state) && el("p", { class: "problem" }, words.checkFailed(task.message));
    if (!found) return el("div", { class: "card" }, failed, again);
    return [failed, again, el("div", { class: "cards" }, findings(found.remove), found.learned.length ? learned(found.learned) : null)];
  }

  function findings(items) {
    if (!items.length) return el("div", { class: "card fine" }, icon(ICONS.tick), el("p", {}, words.fine));
    const places = { band: ["bands", band], content: ["generic"] };
    const all = el("button", { type: "button", onclick: () => attempt(async () => {
      for (const item of items) await post([...places[item.domain], "remove"], { name: item.name });
      await check();
    }) }, words.removeAll);
    return el("div", { class: "card" }, el("h2", {}, words.findings), el("ul", { class: "plain songs" }, items.map((item) =>
      el("li", {}, el("span", { class: "name" }, words.finding(item)), el("button", { type: "button", class: "quiet", "aria-label": words.removeSong(item.name), onclick: () => change(places[item.domain], "remove", { name: item.name }) }, words.remove)))),
    items.length > 1 ? all : null, el("p", { class: "muted small" }, words.findingsHint));
  }

  function learned(sentences) {
    return el("div", { class: "card" }, el("h2", {}, words.learned), el("ul", {}, sentences.map((each) => el("li", {}, words.difference(each)))), el("p", { class: "muted small" }, words.learnedHint));
  }

  return {
    heading: () => words.heading(band),
    nodes: [el("h1", {}, words.heading(band)), el("p", { class: "lead" }, words.lead), el("div", { class: "piles" }, piles.band.node, piles.content.node), survey, nextLine],
    async update() {
      studio ??= await get("studio");
      const found = await get("bands", band);
      const ready = Boolean(found.songs.length && found.generic.songs.length);
      drawPile(piles.band, found.songs, found.removed, found.survey);
      drawPile(piles.content, found.generic.songs, found.generic.removed, found.survey);
      const { task } = found;
      const shown = task && { state: task.state, done: task.done, total: task.total, fraction: task.fraction, message: task.message };
      fill(survey, { ready, task: shown, found: found.survey && { remove: found.survey.remove, learned: found.survey.learned, stale: found.survey.stale } }, drawSurvey);
      nextLine.hidden = !ready;
    },
  };
}
