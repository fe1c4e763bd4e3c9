// Frame of the page: which view is shown, the steps of a band, and regular updates.

import { onAction, showError } from "./action.js";
import { el, icon, ICONS, link } from "./dom.js";
import * as covers from "./covers.js";
import * as listen from "./listen.js";
import * as start from "./start.js";
import * as songs from "./band.js";
import { text } from "./text.js";
import * as train from "./models.js";

const POLL = 1500; // milliseconds
const [head, main, problem, foot] = ["head", "main", "problem", "foot"].map((id) => document.getElementById(id));
let current = null; // { update, close } of the view that is shown
let round = 0; // number of the navigation

onAction(() => current?.update());

function viewOf([place, band, step, item]) {
  if (place !== "band" || !band) return start.view({});
  if (step === "train") return train.view({ band, run: item });
  if (step === "covers") return item ? listen.view({ band, title: item }) : covers.view({ band });
  return songs.view({ band });
}

async function navigate() {
  const mine = ++round;
  const parts = location.hash.split("/").slice(1).map(decodeURIComponent);
  current?.close?.();
  current = null;
  showError("");
  drawHead(parts);
  foot.replaceChildren();
  main.replaceChildren();
  const view = viewOf(parts);
  try {
    await view.update();
  } catch (error) {
    showError(error);
  }
  if (mine !== round) return;
  current = view;
  main.replaceChildren(...view.nodes);
  if (view.foot) foot.replaceChildren(view.foot);
  document.title = [view.heading?.(), text.title].filter(Boolean).join(" · ");
  scrollTo(0, 0);
  if (round > 1) main.focus({ preventScroll: true }); // scrolling would hide the heading below the head
}

function drawHead([place, band, step]) {
  const brand = el("a", { class: "brand", href: "#/", "aria-label": `${text.title}: ${text.skip}` }, icon(ICONS.bars),
    el("span", {}, text.brand, " ", el("span", { class: "muted" }, text.studio)));
  if (place !== "band" || !band) {
    head.replaceChildren(brand);
    return;
  }
  const active = step in text.steps ? step : "songs";
  const steps = Object.entries(text.steps).map(([name, words], index) =>
    el("li", {}, el("a", { href: link("band", band, name), "aria-current": name === active ? "step" : null }, el("span", { class: "number" }, index + 1), words)));
  head.replaceChildren(brand, el("p", { class: "band" }, band), el("nav", { "aria-label": band }, el("ol", { class: "steps" }, steps)));
}

async function poll() {
  const view = current;
  if (view && !document.hidden) {
    try {
      await view.update();
      if (problem.textContent === text.offline) showError("");
    } catch (error) {
      if (view === current) showError(error);
    }
  }
  setTimeout(poll, POLL);
}

addEventListener("hashchange", navigate);
navigate().then(poll);
