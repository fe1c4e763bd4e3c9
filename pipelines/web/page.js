// The page: a clip of a song is decoded, translated by the worker, played and saved.

import { control, refresh, time } from "../serving/playback.js";
import { Player } from "../serving/player.js";
import { clear, draw } from "../serving/spectrogram.js";

const HEADER_BYTES = 44; // of a WAV file
const get = (id) => document.getElementById(id);
const { settings, name, hasCloseness } = JSON.parse(get("settings").textContent);
const [form, file, drop, start] = ["form", "file", "drop", "start"].map(get);
const [from, length, strength, closeness] = ["from", "length", "strength", "closeness"].map(get);
const [seek, bar, download] = ["seek", "bar", "download"].map(get);
let song = null; // AudioBuffer
let songName = "";
let player = null;
let loading = null; // promise of the worker's first answer

// The worker and its material.

const worker = new Worker(URL.createObjectURL(new Blob([get("worker").textContent], { type: "text/javascript" })));

function ask(message, transferred = []) {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => {
      if (data.error) reject(new Error(`The cover could not be made (${data.error}): try a shorter clip, or another browser.`));
      else if (data.fraction === undefined) resolve(data);
      else showProgress("Translating…", data.fraction);
    };
    worker.onerror = () => reject(new Error("This browser cannot run the model: try a newer one."));
    worker.postMessage(message, transferred);
  });
}

function load() {
  const files = {};
  for (const id of ["runtime", "wasm", "network", "tables"]) {
    files[id] = get(id).textContent;
    get(id).remove();
  }
  return ask({ material: { settings, files } });
}

// Choice of the clip.

file.addEventListener("change", () => choose(file.files[0]));
for (const kind of ["dragenter", "dragover"]) {
  addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("over"); });
}
for (const kind of ["dragleave", "drop"]) addEventListener(kind, () => drop.classList.remove("over"));
addEventListener("drop", (event) => {
  event.preventDefault();
  choose(event.dataTransfer.files[0]);
});
from.addEventListener("input", showClip);
length.addEventListener("input", showClip);
strength.addEventListener("input", () => { get("percent").value = strength.value; });
closeness.addEventListener("input", () => {
  get("distance").value = closeness.value === "50" ? "automatic" : `${closeness.value} %`;
});

async function choose(chosen) {
  if (!chosen) return;
  showError("");
  song = null;
  start.disabled = true;
  get("chosen").textContent = `Reading ${chosen.name}…`;
  try {
    song = await decoded(await chosen.arrayBuffer());
    songName = chosen.name;
    get("chosen").textContent = chosen.name;
  } catch {
    get("chosen").textContent = "Choose a song, or drop it here";
    showError(`This browser cannot decode ${chosen.name}: convert it to WAV or MP3 first.`);
  }
  start.disabled = false;
  file.value = ""; // so that the same file can be chosen again
  get("part").hidden = !song;
  if (!song) return;
  Object.assign(from, { max: Math.max(0, Math.ceil(song.duration) - 1), value: 0 });
  get("end").textContent = time(song.duration);
  showClip();
}

// Song at the model's sample rate, of two channels at most.
async function decoded(bytes) {
  const buffer = await new OfflineAudioContext(2, 1, settings.rate).decodeAudioData(bytes);
  if (buffer.numberOfChannels <= 2) return buffer;
  const mixer = new OfflineAudioContext(2, buffer.length, settings.rate);
  const source = new AudioBufferSourceNode(mixer, { buffer });
  source.connect(mixer.destination);
  source.start();
  return mixer.startRendering();
}

function showClip() {
  get("from_time").value = time(Number(from.value));
  from.setAttribute("aria-valuetext", time(Number(from.value)));
  get("seconds").value = length.value;
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
  start.disabled = file.disabled = true;
  get("progress").hidden = false;
  try {
    await translate();
  } catch (error) {
    showError(error.message);
  }
  get("progress").hidden = true;
  start.disabled = file.disabled = false;
});

async function translate() {
  player?.pause();
  get("result").hidden = true;
  showProgress("Loading the model…", null);
  await (loading ??= load());
  showProgress("Translating…", 0);
  const first = Number(from.value) * settings.rate;
  const source = channelsOf(song).map((channel) => channel.slice(first, first + Number(length.value) * settings.rate));
  const dials = { strength: strength.value / 100, closeness: closeness.value / 100 };
  const { cover, seconds } = await ask({ clip: source, ...dials });
  show(buffer(source), buffer(cover));
  const duration = cover[0].length / settings.rate;
  get("speed").textContent = `Translated in ${seconds.toFixed(1)} s: ${(duration / seconds).toFixed(1)}x real time.`;
  offerDownload(cover);
}

function channelsOf(audio) {
  return Array.from({ length: audio.numberOfChannels }, (_, channel) => audio.getChannelData(channel));
}

function buffer(channels) {
  const found = new AudioBuffer({ length: channels[0].length, numberOfChannels: channels.length, sampleRate: settings.rate });
  channels.forEach((samples, channel) => found.copyToChannel(samples, channel));
  return found;
}

function show(source, cover) {
  player ??= new Player(new AudioContext({ sampleRate: settings.rate }));
  control(player);
  Object.assign(player, { buffers: { source, cover }, ready: cover.duration, offset: 0 });
  player.choose(document.querySelector("input[name=side]:checked").value);
  seek.max = cover.duration;
  get("result").hidden = false;
  for (const [id, audio] of Object.entries(player.buffers)) {
    clear(get(id));
    draw(get(id), audio, 0, audio.length);
  }
  refresh();
}

function offerDownload(channels) {
  if (download.href) URL.revokeObjectURL(download.href);
  const stem = songName.replace(/\.[^.]*$/, "");
  Object.assign(download, { href: URL.createObjectURL(wav(channels)), download: `${stem} (${name}).wav` });
}

// WAV file of 16 bits.
function wav(channels) {
  const [count, samples] = [channels.length, channels[0].length];
  const view = new DataView(new ArrayBuffer(HEADER_BYTES + 2 * count * samples));
  const text = (at, letters) => [...letters].forEach((letter, n) => view.setUint8(at + n, letter.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, view.byteLength - 8, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, count, true);
  view.setUint32(24, settings.rate, true);
  view.setUint32(28, 2 * count * settings.rate, true);
  view.setUint16(32, 2 * count, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, 2 * count * samples, true);
  for (let n = 0; n < samples; n++) {
    for (let channel = 0; channel < count; channel++) {
      const value = Math.min(32767, Math.max(-32768, Math.round(32768 * channels[channel][n])));
      view.setInt16(HEADER_BYTES + 2 * (n * count + channel), value, true);
    }
  }
  return new Blob([view], { type: "audio/wav" });
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

get("model").textContent = name;
get("close").hidden = !hasCloseness;
