// Keys of a trial.

const DIGIT_SECONDS = 0.8; // between the two digits of a number above nine

const ACTIONS = {
  " ": toggle,
  Enter: next,
  s: () => setLoop(player.position, player.loop.to),
  e: () => setLoop(player.loop.from, player.position),
  l: () => setLoop(0, player.duration),
};
let typed = { text: "", time: 0 };

addEventListener("keydown", (event) => {
  if (get("trial").hidden || !ready || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const pressesButton = event.target.closest("button") && (key === " " || key === "Enter");
  if (/^[0-9]$/.test(key)) chooseByDigit(key);
  else if (ACTIONS[key] && !pressesButton) ACTIONS[key]();
  else if (/^Arrow(Left|Right)$/.test(key) && !event.target.closest("input")) nudge(key === "ArrowRight" ? 1 : -1);
  else return;
  event.preventDefault();
});

function chooseByDigit(digit) {
  const time = performance.now() / 1000;
  const text = time - typed.time < DIGIT_SECONDS ? typed.text + digit : digit;
  const number = Number(text) <= rows.length ? Number(text) : Number(digit);
  typed = { text: String(number), time };
  if (number > rows.length) return;
  if (number) {
    rows[number - 1].slider.focus();
    choose(rows[number - 1].name, true);
  } else {
    const current = references.findIndex(({ name }) => name === player.audible);
    choose(references[(current + 1) % references.length].name, true);
  }
}

// Arrow keys outside of sliders move the slider of the audible sound.
function nudge(points) {
  const each = rows.find(({ name }) => name === player.audible);
  if (!each) return;
  each.slider.value = Number(each.slider.value) + points;
  rate(each);
}
