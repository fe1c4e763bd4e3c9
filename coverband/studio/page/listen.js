// The player of one song: the song and its covers run at the same moment, and one of them is heard.

import { get, path, post } from "./api.js";
import { dials, brief, taskLine } from "./covers.js";
import { el, fill, link } from "./dom.js";
import { Player } from "./player.js";
import { clear, draw } from "./spectrogram.js";
import { attempt, showError } from "./action.js";
import { manage, putBack } from "./manage.js";
import { text } from "./text.js";

const words = text.listen;
const SEEK_SECONDS = 5; // of an arrow key
const FORMATS = ["wav", "flac", "mp3"];
const SOURCE = "source";

export function view({ band, title }) {
  const place = ["bands", band, "covers", title];
  const address = (name, format) => path(...place, "sounds", `${name}.${format}`);
  const loads = new Map(); // loading of a side's sound, by its name
  let player = null;
  let first = null; // cover whose length is that of all
  let frame = 0;
  let closed = false;

  const play = el("button", { type: "button", class: "main play", "aria-keyshortcuts": "Space", onclick: toggle, disabled: true }, words.play);
  const sides = el("fieldset", { class: "sides" });
  const clock = el("span", { class: "clock" });
  const seek = el("input", { type: "range", min: 0, max: 1, step: 0.1, value: 0, "aria-label": words.position });
  const pictures = el("div");
  const downloads = el("div", { class: "line downloads" });
  const status = el("p", { class: "muted", role: "status" }, words.none);
  const tasks = el("div");
  const covers = el("section", { class: "card", hidden: true });
  const dial = dials(band);
  const another = el("form", { class: "card" }, el("h2", {}, words.another), dial.nodes, el("button", { class: "main" }, text.covers.translate));
  const node = el("section", { class: "card player", "aria-label": title },
    el("div", { class: "controls" }, play, clock, downloads), sides, seek, status, pictures, el("p", { class: "muted small" }, words.keys));
  another.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(() => post([...place, "translate"], dial.values()));
  });
  seek.addEventListener("input", () => { player?.seek(Number(seek.value)); refresh(); });

  // The player knows the first cover as "cover", whose length is its own.
  const sideOf = (name) => (name === first ? "cover" : name);

  async function load(name) {
    player ??= new Player(new AudioContext({ sampleRate: 44100 }));
    const response = await fetch(address(name, "wav"));
    if (!response.ok) throw new Error(text.sentence((await response.json()).error));
    const buffer = await player.context.decodeAudioData(await response.arrayBuffer());
    player.buffers[sideOf(name)] = buffer;
    const canvas = el("canvas", { width: 960, height: 160, role: "img", "aria-label": words.picture(name === SOURCE ? words.source : name) });
    const picture = el("div", { class: "picture", "data-side": name }, canvas, el("i"));
    picture.addEventListener("click", (event) => {
      const box = picture.getBoundingClientRect();
      player.seek(((event.clientX - box.left) / box.width) * player.duration);
      refresh();
    });
    const figure = el("figure", {}, el("figcaption", {}, name === SOURCE ? words.source : name), picture);
    if (name === SOURCE) pictures.prepend(figure);
    else pictures.append(figure);
    clear(canvas);
    draw(canvas, buffer, 0, buffer.length);
    player.grow(player.duration);
  }

  async function choose(name) {
    if (!loads.has(name)) {
      status.textContent = words.loading;
      loads.set(name, load(name));
    }
    try {
      await loads.get(name);
    } catch (error) {
      loads.delete(name);
      if (!closed) showError(error);
      return;
    } finally {
      status.textContent = "";
    }
    player.choose(sideOf(name));
    downloads.replaceChildren(...FORMATS.map((format) => el("a", { class: "button", href: address(name, format), download: "", "aria-label": `${words.downloads}: ${words.download(format)}` }, words.download(format))));
    play.disabled = !player.duration;
    seek.max = player.duration || 1;
    refresh();
  }

  function drawSides(names) {
    const chosen = sides.querySelector("input:checked")?.value ?? names[1];
    return [el("legend", { class: "hidden" }, words.side), names.map((name) => {
      const input = el("input", { type: "radio", name: "side", value: name, checked: name === chosen });
      input.addEventListener("change", () => choose(name));
      return el("label", {}, input, el("span", {}, name === SOURCE ? words.source : name));
    })];
  }

  function drawCovers({ names, removed }) {
    return [el("h2", {}, words.covers), el("ul", { class: "plain" }, names.map((name) => el("li", {}, el("span", { class: "name" }, name), manage([...place, "covers"], name)))),
      putBack([...place, "covers"], removed)];
  }

  async function toggle() {
    if (!player?.duration) return;
    if (player.playing) player.pause();
    else await player.play();
    refresh();
  }

  function refresh() {
    if (!player) return;
    const { position, duration } = player;
    if (player.playing && position >= duration) player.pause();
    play.textContent = player.playing ? words.pause : words.play;
    clock.textContent = words.times(position, duration);
    seek.value = position;
    seek.setAttribute("aria-valuetext", words.of(position, duration));
    const heard = sides.querySelector("input:checked")?.value;
    for (const picture of pictures.querySelectorAll(".picture")) {
      picture.classList.toggle("audible", picture.dataset.side === heard);
      picture.querySelector("i").style.left = `${(100 * position) / (duration || 1)}%`;
    }
    cancelAnimationFrame(frame);
    if (player.playing) frame = requestAnimationFrame(refresh);
  }

  function key(event) {
    const typing = event.target.closest("button, a, summary, select, input:not([name=side])");
    if (!player || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.code === "Space") toggle();
    else if (/^Digit[1-9]$/.test(event.code)) sides.querySelectorAll("input")[Number(event.code.at(-1)) - 1]?.click();
    else if (event.target.closest("input")) return; // arrow keys change its value
    else if (event.code === "ArrowLeft") player.seek(player.position - SEEK_SECONDS);
    else if (event.code === "ArrowRight") player.seek(player.position + SEEK_SECONDS);
    else return;
    event.preventDefault();
    refresh();
  }
  addEventListener("keydown", key);

  return {
    heading: () => title,
    nodes: [el("p", { class: "back" }, el("a", { href: link("band", band, "covers") }, `← ${words.back}`)), el("h1", {}, title), node, tasks, another, covers],
    close() {
      closed = true;
      removeEventListener("keydown", key);
      player?.context.close();
    },
    async update() {
      const [{ runs }, { songs }] = await Promise.all([get("bands", band, "runs"), get("bands", band, "covers")]);
      const song = songs.find((each) => each.title === title);
      const trained = runs.filter((run) => run.trained);
      another.hidden = !trained.length;
      await dial.show(trained);
      fill(tasks, song?.tasks.map(brief) ?? [], (found) => found.map((task) => el("div", { class: "card" }, taskLine(band, title, task))));
      covers.hidden = !song?.covers.length && !song?.removed.length;
      if (song) fill(covers, { names: song.covers, removed: song.removed }, drawCovers);
      if ([...loads.keys()].some((name) => name !== SOURCE && !song?.covers.includes(name))) {
        dispatchEvent(new HashChangeEvent("hashchange")); // one that could be heard was renamed or removed: begin anew
        return;
      }
      if (!song?.covers.length) return;
      first ??= song.covers[0];
      if (fill(sides, [SOURCE, ...song.covers], drawSides) && !loads.size) {
        choose(SOURCE).then(() => choose(first));
      }
    },
  };
}
