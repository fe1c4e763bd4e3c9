// Playback of a source and its cover on a page: button, keys, position, and which spectrogram is heard.

const SEEK_SECONDS = 5; // of an arrow key
const get = (id) => document.getElementById(id);
const [play, seek, clock] = ["play", "seek", "clock"].map(get);
let player = null;

// Begins to control a player, in place of an earlier one.
export function control(chosen) {
  player = chosen;
}

play.addEventListener("click", toggle);
seek.addEventListener("input", () => { player?.seek(Number(seek.value)); refresh(); });
for (const radio of document.querySelectorAll("input[name=side]")) {
  radio.addEventListener("change", () => { player?.choose(radio.value); refresh(); });
}
for (const picture of document.querySelectorAll(".picture")) {
  picture.addEventListener("click", (event) => {
    const box = picture.getBoundingClientRect();
    player?.seek(((event.clientX - box.left) / box.width) * player.duration);
    refresh();
  });
}
addEventListener("keydown", (event) => {
  const typing = event.target.closest("button, a, summary, select, input:not([name=side])");
  if (get("result").hidden || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.code === "Space") toggle();
  else if (event.code === "KeyS") switchSide();
  else if (event.target.closest("input")) return; // arrow keys change its value
  else if (event.code === "ArrowLeft") seekBy(-SEEK_SECONDS);
  else if (event.code === "ArrowRight") seekBy(SEEK_SECONDS);
  else return;
  event.preventDefault();
});

function switchSide() {
  const radio = document.querySelector("input[name=side]:not(:checked)");
  radio.checked = true;
  radio.dispatchEvent(new Event("change"));
}

function seekBy(seconds) {
  player.seek(player.position + seconds);
  refresh();
}

async function toggle() {
  if (!player) return;
  if (player.playing) player.pause();
  else await player.play();
  refresh();
}

// Shows the state of the player, and goes on while it plays.
export function refresh() {
  if (!player) return;
  const { position, duration, playing, side } = player;
  if (playing && position >= Math.min(duration, side === "cover" ? player.ready : duration)) player.pause();
  play.textContent = player.playing ? "Pause" : "Play";
  clock.textContent = `${time(position)} / ${time(duration)}`;
  seek.value = position;
  seek.setAttribute("aria-valuetext", `${time(position)} of ${time(duration)}`);
  for (const picture of document.querySelectorAll(".picture")) {
    picture.classList.toggle("audible", picture.dataset.side === side);
    picture.querySelector("i").style.left = `${(100 * position) / duration}%`;
  }
  if (player.playing) requestAnimationFrame(refresh);
}

// Minutes and seconds.
export function time(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
