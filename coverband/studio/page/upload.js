// Drop zones for songs, and uploads of several files at a time.

import { el, icon, ICONS } from "./dom.js";

const AT_ONCE = 3;

// A zone on which files and folders are dropped, or chosen; calls `take` with the files.
export function dropZone(label, hint, take, { multiple = true, small = false } = {}) {
  const input = el("input", { type: "file", multiple, accept: "audio/*,video/*,.ape,.caf,.flac,.m4a,.mka,.mp3,.ogg,.opus,.wav,.wma,.wv" });
  const title = el("strong", {}, label);
  const zone = el("label", { class: small ? "drop small_drop" : "drop" }, icon(ICONS.note), title, el("span", { class: "muted" }, hint), input);
  input.addEventListener("change", () => {
    take([...input.files]);
    input.value = ""; // so that the same file can be chosen again
  });
  for (const kind of ["dragenter", "dragover"]) {
    zone.addEventListener(kind, (event) => { event.preventDefault(); zone.classList.add("over"); });
  }
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", async (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    const files = await dropped(event.dataTransfer);
    if (files.length) take(multiple ? files : files.slice(0, 1));
  });
  return { zone, title, input };
}

// A file that misses the zone does not replace the page.
for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());

// Files of a drop, also those in folders.
async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files];
  return (await Promise.all(entries.map(filesOf))).flat();
}

async function filesOf(entry) {
  if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
  const reader = entry.createReader();
  const found = [];
  for (;;) { // A reader returns a part of a large folder at a time.
    const part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!part.length) return found.flat();
    found.push(...(await Promise.all(part.map(filesOf))));
  }
}

// Sends files by `send(file)`, a few at a time; calls `report(done, total, error, file)` after each.
export async function sendAll(files, send, report) {
  const waiting = [...files];
  let done = 0;
  async function worker() {
    while (waiting.length) {
      const file = waiting.shift();
      const error = await send(file).then(() => null, (problem) => problem);
      report(++done, files.length, error, file);
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, files.length) }, worker));
}
