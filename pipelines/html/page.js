"use strict";

// Tables: a click on a heading sorts the best values first, a second click the worst; missing values stay last.
for (const table of document.querySelectorAll("table.sortable")) {
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    const button = heading.querySelector("button");
    if (button) button.addEventListener("click", () => sort(table, headings, column));
  });
}

function sort(table, headings, column) {
  const heading = headings[column];
  const best = heading.dataset.higher === "true" ? "descending" : "ascending";
  const worst = best === "descending" ? "ascending" : "descending";
  const order = heading.getAttribute("aria-sort") === best ? worst : best;
  for (const each of headings) if (each.hasAttribute("aria-sort")) each.setAttribute("aria-sort", "none");
  heading.setAttribute("aria-sort", order);
  const sign = order === "ascending" ? 1 : -1;
  const value = (row) => {
    const found = row.cells[column].dataset.value;
    return found === undefined ? Infinity : sign * Number(found);
  };
  const rows = [...table.tBodies[0].rows];
  rows.sort((one, other) => {
    const [a, b] = [value(one), value(other)];
    return a === b ? 0 : a < b ? -1 : 1;
  });
  table.tBodies[0].append(...rows);
}

// Audio elements: only one is active at a time; starting another one of the same song continues at its position.
for (const song of document.querySelectorAll(".song")) {
  const players = [...song.querySelectorAll("audio")];
  for (const player of players) {
    player.addEventListener("play", () => start(player, players));
    const picture = player.parentElement.querySelector(".spectrogram");
    picture.addEventListener("click", (event) => seek(player, picture, event));
  }
}

function start(player, players) {
  for (const other of document.querySelectorAll("audio")) {
    if (other === player || other.paused) continue;
    if (players.includes(other)) player.currentTime = other.currentTime;
    other.pause();
  }
  const picture = player.parentElement.querySelector(".spectrogram");
  requestAnimationFrame(function draw() {
    drawPlayhead(player, picture);
    if (!player.paused) requestAnimationFrame(draw);
  });
}

function drawPlayhead(player, picture) {
  const line = picture.querySelector(".playhead");
  if (!player.duration) return;
  const { left, width } = picture.dataset;
  const x = Number(left) + (Number(width) * player.currentTime) / player.duration;
  line.setAttribute("x1", x);
  line.setAttribute("x2", x);
  line.style.visibility = "visible";
}

function seek(player, picture, event) {
  const box = picture.getBoundingClientRect();
  const { left, width } = picture.dataset;
  const x = ((event.clientX - box.left) / box.width) * picture.viewBox.baseVal.width;
  const share = Math.min(1, Math.max(0, (x - Number(left)) / Number(width)));
  for (const other of document.querySelectorAll("audio")) if (other !== player) other.pause();
  const go = () => { player.currentTime = share * player.duration; };
  if (player.readyState) go();
  else player.addEventListener("loadedmetadata", go, { once: true });
  player.play();
}

if (!document.createElement("audio").canPlayType("audio/ogg; codecs=vorbis")) {
  document.getElementById("no-vorbis")?.removeAttribute("hidden");
}
