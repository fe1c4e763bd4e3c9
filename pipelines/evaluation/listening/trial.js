// Controls of a trial: references, sounds with their sliders, position and loop.

let rows = []; // of the sounds: { name, row, button, slider, output }
let references = []; // { name, button }
let ready = false; // true once the trial's sounds are loaded

function buildReferences(trial, question) {
  references = trial.references.map((name, index) => {
    const label = trial.references.length > 1 ? `${question.reference} ${index + 1}` : question.reference;
    return { name, button: chooser(name, `Reference: ${label}`, "0") };
  });
  get("references").replaceChildren(...references.map((each) => each.button));
}

function buildRows(trial) {
  rows = trial.order.map((name, index) => {
    const number = String(index + 1);
    const button = chooser(name, number, number);
    button.setAttribute("aria-label", `Play sound ${number}`);
    const slider = document.createElement("input");
    Object.assign(slider, { type: "range", min: 0, max: 100, step: 1, value: trial.ratings[name] ?? 0 });
    slider.setAttribute("aria-label", `Rating of sound ${number}`);
    const track = element("div", "track", slider);
    const output = document.createElement("output");
    const each = { name, button, slider, output, row: element("li", "sound", button, track, output) };
    // A slider that stays at 0 has no "input" event: a key or a click on it rates as well.
    slider.addEventListener("input", () => rate(each));
    slider.addEventListener("pointerup", () => rate(each));
    slider.addEventListener("keydown", ({ key }) => { if (/^(Arrow|Home|Page)/.test(key)) rate(each); });
    return each;
  });
  get("sounds").replaceChildren(...rows.map((each) => each.row));
  refreshRows();
}

function chooser(name, text, keys) {
  const button = element("button", "", text);
  Object.assign(button, { type: "button" });
  button.setAttribute("aria-pressed", "false");
  if (keys.length === 1) button.setAttribute("aria-keyshortcuts", keys);
  button.addEventListener("click", () => {
    if (player.playing && player.audible === name) toggle();
    else choose(name, true);
  });
  return button;
}

function element(tag, class_, ...children) {
  const made = document.createElement(tag);
  made.className = class_;
  made.append(...children);
  return made;
}

function rate(each) {
  session.rate(each.name, Number(each.slider.value));
  refreshRows();
}

function refreshRows() {
  const { ratings, heard } = session.trial;
  for (const { name, row, slider, output } of rows) {
    const value = ratings[name];
    const region = value === undefined ? "not rated" : test.regions[Math.min(4, Math.floor(value / 20))];
    const number = element("b", "", value === undefined ? "–" : String(value));
    output.replaceChildren(number, region);
    slider.setAttribute("aria-valuetext", value === undefined ? region : `${value}, ${region}`);
    row.classList.toggle("heard", heard.includes(name));
  }
}

async function choose(name, start) {
  if (!ready) return;
  player.choose(name);
  if (start && !player.playing) await player.play();
  refresh();
}

async function toggle() {
  if (!ready) return;
  if (player.playing) player.pause();
  else await player.play();
  refresh();
}

function refresh() {
  if (player.playing && rows.some(({ name }) => name === player.audible)) {
    session.hear(player.audible);
    refreshRows();
  }
  for (const { name, button, row } of [...rows, ...references]) {
    button.setAttribute("aria-pressed", String(name === player.audible));
    (row ?? button).classList.toggle("audible", name === player.audible);
  }
  play.textContent = player.playing ? "Pause" : "Play";
  [from.value, to.value] = [player.loop.from, player.loop.to];
  drawPosition();
}

function drawPosition() {
  const { position, duration, playing, loop } = player;
  seek.value = position;
  get("clock").textContent = `${position.toFixed(1)} / ${duration.toFixed(1)} s`;
  const texts = [[seek, position], [from, loop.from], [to, loop.to]];
  for (const [input, value] of texts) input.setAttribute("aria-valuetext", `${value.toFixed(1)} seconds`);
  if (playing && !drawPosition.waits) {
    drawPosition.waits = true;
    requestAnimationFrame(() => { drawPosition.waits = false; drawPosition(); });
  }
}

function setLoop(start, end) {
  if (!ready) return;
  player.setLoop(start, end);
  refresh();
}
