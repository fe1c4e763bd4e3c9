import { control, refresh, time } from "./playback.js";
import { Player } from "./player.js";
import { clear, draw } from "./spectrogram.js";

const HEADER_BYTES = 44; // of a WAV file of 16 bits
const get = (id) => document.getElementById(id);
const NO_STEM = get("stem_chosen").textContent;
const [form, file, drop, model] = ["form", "file", "drop", "model"].map(get);
const [strength, closeness] = ["strength", "closeness"].map(get);
const [stemFile, stemDrop, vocalsLevel] = ["stem", "stem_drop", "vocals_level"].map(get);
const [seek, bar, download] = ["seek", "bar", "download"].map(get);
let models = [];
let song = null;
let stem = null; // file of the singer alone, or of the song without the singer
let player = null;
let request = null; // AbortController of the translation in progress

async function loadModels() {
  try {
    models = (await (await fetch("/v1/models")).json()).models;
    for (const each of models) model.append(new Option(each.name, each.name));
    showCard();
  } catch {
    showError("The server does not answer: is it still running?");
  }
}

function showCard() {
  const { card } = models.find((each) => each.name === model.value);
  const lines = Object.entries(card).map(([name, value]) => {
    const [term, definition] = [document.createElement("dt"), document.createElement("dd")];
    term.textContent = name.replace("_", " ");
    definition.textContent = typeof value === "object" ? JSON.stringify(value) : value;
    return [term, definition];
  });
  get("card").replaceChildren(...lines.flat());
  get("close").hidden = !card.closeness;
}

// Choice of the song and its stem.

model.addEventListener("change", showCard);
strength.addEventListener("input", () => { get("percent").value = strength.value; });
closeness.addEventListener("input", () => {
  get("distance").value = closeness.value === "50" ? "automatic" : `${closeness.value} %`;
});
file.addEventListener("change", () => choose(file.files[0]));
stemFile.addEventListener("change", () => chooseStem(stemFile.files[0]));
vocalsLevel.addEventListener("input", showLevel);
get("remove").addEventListener("click", () => {
  removeStem();
  stemFile.focus();
});
for (const kind of ["dragenter", "dragover"]) {
  addEventListener(kind, (event) => { event.preventDefault(); highlight(zone(event)); });
}
for (const kind of ["dragleave", "drop"]) addEventListener(kind, () => highlight(null));
addEventListener("drop", (event) => {
  event.preventDefault();
  const dropped = event.dataTransfer.files[0];
  if (zone(event) === stemDrop) chooseStem(dropped);
  else choose(dropped);
});

// A file that is dropped beside both zones is the song.
function zone(event) {
  return stemDrop.contains(event.target) ? stemDrop : drop;
}

function highlight(zone) {
  for (const each of [drop, stemDrop]) each.classList.toggle("over", each === zone);
}

function choose(chosen) {
  if (!chosen) return;
  song = chosen;
  get("chosen").textContent = chosen.name;
  showError("");
}

function chooseStem(chosen) {
  if (!chosen) return;
  stem = chosen;
  get("stem_chosen").textContent = `Stem: ${chosen.name}`;
  get("singer").hidden = false;
  // As in a folder of `coverband translate`: song.vocals.wav, song.instrumental.wav.
  const named = /\.(vocals|instrumental)\.[^.]*$/i.exec(chosen.name);
  if (named) document.querySelector(`input[name=role][value=${named[1].toLowerCase()}]`).checked = true;
  showError("");
}

function removeStem() {
  stem = null;
  stemFile.value = ""; // so that the same file can be chosen again
  get("stem_chosen").textContent = NO_STEM;
  get("singer").hidden = true;
  vocalsLevel.value = 0;
  showLevel();
  showError("");
}

function showLevel() {
  const decibels = Number(vocalsLevel.value);
  const text = decibels ? `${decibels > 0 ? "+" : "−"}${Math.abs(decibels)} dB` : "as in the song";
  get("level").value = text;
  vocalsLevel.setAttribute("aria-valuetext", text);
}

// Translation.

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!song) {
    showError("Choose a song first.");
    file.focus();
    return;
  }
  showError("");
  setBusy(true);
  try {
    await translate(song, models.find((each) => each.name === model.value));
  } catch (error) {
    if (error.name !== "AbortError") showError(error.message);
  }
  setBusy(false);
});
get("stop").addEventListener("click", () => request?.abort());

function setBusy(busy) {
  get("start").disabled = busy;
  get("stop").hidden = get("progress").hidden = !busy;
  if (busy) showProgress("Sending the song…", null);
  else request = null;
}

async function translate(chosen, { name, sample_rate: rate }) {
  const controller = (request = new AbortController());
  player?.pause();
  get("result").hidden = true;
  const query = new URLSearchParams({ model: name, strength: strength.value / 100, closeness: closeness.value / 100 });
  if (stem) query.set("vocals_level", vocalsLevel.value);
  const options = { method: "POST", body: stem ? stemForm(chosen) : chosen, signal: controller.signal };
  const response = await fetch(`/v1/translate?${query}`, options).catch((error) => {
    throw error.name === "AbortError" ? error : new Error("The server does not answer: is it still running?");
  });
  if (!response.ok) throw new Error(sentence((await response.json()).error));
  player = new Player(new AudioContext({ sampleRate: rate }));
  control(player);
  const chunks = await receive(response, chosen, rate);
  offerDownload(new Blob(chunks, { type: "audio/wav" }), `${chosen.name.replace(/\.[^.]*$/, "")} (${name}).wav`);
}

function stemForm(chosen) {
  const form = new FormData();
  form.append("song", chosen);
  form.append(document.querySelector("input[name=role]:checked").value, stem);
  return form;
}

// Receives the cover, and shows the part that has arrived.
async function receive(response, chosen, rate) {
  const total = Number(response.headers.get("content-length"));
  const cover = new Cover(rate);
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const before = cover.samples;
    cover.add(value);
    if (cover.buffer && !player.buffers.cover) await show(cover.buffer, chosen);
    if (cover.samples === before) continue;
    draw(get("cover"), cover.buffer, before, cover.samples);
    showProgress(`Translating: ${time(cover.samples / rate)} of ${time(cover.buffer.duration)}`, cover.bytes / total);
    player.grow(cover.samples / rate);
  }
  if (cover.bytes < total) throw new Error("The server stopped before the end of the cover: try again.");
  return cover.chunks;
}

async function show(buffer, chosen) {
  for (const id of ["source", "cover"]) clear(get(id));
  player.buffers.cover = buffer;
  player.choose(document.querySelector("input[name=side]:checked").value);
  download.hidden = true;
  seek.max = buffer.duration;
  get("result").hidden = false;
  refresh();
  // The browser may not support the format of the source; then only the cover can be played.
  const source = await player.context.decodeAudioData(await chosen.arrayBuffer()).catch(() => null);
  player.buffers.source = source;
  if (source) draw(get("source"), source, 0, source.length);
}

// WAV file that arrives in chunks.
class Cover {
  constructor(rate) {
    Object.assign(this, { rate, chunks: [], bytes: 0, samples: 0, buffer: null, head: new Uint8Array(0) });
  }

  add(bytes) {
    this.chunks.push(bytes);
    this.bytes += bytes.length;
    const joined = new Uint8Array(this.head.length + bytes.length);
    joined.set(this.head);
    joined.set(bytes, this.head.length);
    this.head = this.buffer ? this.#samples(joined) : this.#header(joined);
  }

  #header(bytes) {
    if (bytes.length < HEADER_BYTES) return bytes;
    const view = new DataView(bytes.buffer);
    this.channels = view.getUint16(22, true);
    const length = Math.max(1, view.getUint32(40, true) / 2 / this.channels);
    this.buffer = new AudioBuffer({ length, numberOfChannels: this.channels, sampleRate: this.rate });
    return this.#samples(bytes.slice(HEADER_BYTES));
  }

  // Returns the bytes of an incomplete frame.
  #samples(bytes) {
    const frames = Math.floor(bytes.length / 2 / this.channels);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    for (let channel = 0; channel < this.channels; channel++) {
      const samples = new Float32Array(frames);
      for (let n = 0; n < frames; n++) samples[n] = view.getInt16(2 * (n * this.channels + channel), true) / 32768;
      if (frames) this.buffer.copyToChannel(samples, channel, this.samples);
    }
    this.samples += frames;
    return bytes.slice(2 * frames * this.channels);
  }
}

function offerDownload(blob, name) {
  if (download.href) URL.revokeObjectURL(download.href);
  Object.assign(download, { href: URL.createObjectURL(blob), download: name, hidden: false });
}

// Messages.

function showProgress(text, fraction) {
  get("status").textContent = text;
  if (fraction === null) bar.removeAttribute("value");
  else bar.value = fraction;
}

function showError(text) {
  get("problem").textContent = text;
  get("problem").hidden = !text;
}

function sentence(text) {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

loadModels();
