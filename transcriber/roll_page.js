"use strict";

// Notes are scheduled a little ahead of time on the audio clock, by which the playhead is drawn, too.
const { notes, strokes, beats, seconds } = JSON.parse(document.getElementById("data").textContent);
const canvas = document.getElementById("roll");
const play = document.getElementById("play");
const position = document.getElementById("position");
const time = document.getElementById("time");

const SHOWN = 12;       // seconds on the canvas
const AHEAD = 0.3;      // seconds of sound that are scheduled
const DRUM_ROWS = 3;
const SLIDER_STEPS = 100;
const pitches = notes.map((note) => note[2]);
const lowest = Math.min(48, ...pitches) - 1;
const highest = Math.max(72, ...pitches) + 1;
const DRUMS = [{ hertz: 70, length: 0.12, type: "lowpass" }, { hertz: 1800, length: 0.1, type: "bandpass" }, { hertz: 7000, length: 0.06, type: "highpass" }];

let audio = null;
let output = null;
let noise = null;
let begun = 0;          // audio clock at the song's beginning, while it plays
let now = 0;            // second of the song
let nextNote = 0;
let nextStroke = 0;
let playing = false;

function moveTo(second) {
  now = Math.min(Math.max(second, 0), seconds);
  if (playing) start();
  else draw();
}

function start() {
  audio ??= new AudioContext();
  audio.resume();
  output?.gain.setTargetAtTime(0, audio.currentTime, 0.01);
  output = audio.createGain();
  output.gain.value = 0.25;
  output.connect(audio.destination);
  begun = audio.currentTime - now + 0.05;
  nextNote = notes.findIndex((note) => note[0] >= now);
  nextStroke = strokes.findIndex((stroke) => stroke[0] >= now);
  if (nextNote < 0) nextNote = notes.length;
  if (nextStroke < 0) nextStroke = strokes.length;
  if (!playing) {
    playing = true;
    play.textContent = "Pause";
    requestAnimationFrame(frame);
  }
}

function stop() {
  playing = false;
  play.textContent = "Play";
  output?.gain.setTargetAtTime(0, audio.currentTime, 0.01);
  draw();
}

function frame() {
  if (!playing) return;
  now = Math.max(audio.currentTime - begun, 0);
  for (; nextNote < notes.length && notes[nextNote][0] < now + AHEAD; nextNote++) sound(...notes[nextNote]);
  for (; nextStroke < strokes.length && strokes[nextStroke][0] < now + AHEAD; nextStroke++) strike(...strokes[nextStroke]);
  if (now >= seconds) {
    now = 0;
    stop();
    return;
  }
  draw();
  requestAnimationFrame(frame);
}

function sound(from, to, pitch, velocity) {
  const envelope = audio.createGain();
  const oscillator = audio.createOscillator();
  const [on, off] = [begun + from, begun + Math.max(to, from + 0.05)];
  oscillator.type = "triangle";
  oscillator.frequency.value = 440 * 2 ** ((pitch - 69) / 12);
  envelope.gain.setValueAtTime(0, on);
  envelope.gain.linearRampToValueAtTime((velocity / 127) ** 2, on + 0.01);
  envelope.gain.setTargetAtTime(0, off, 0.03);
  oscillator.connect(envelope).connect(output);
  oscillator.start(on);
  oscillator.stop(off + 0.3);
}

function strike(from, kind) {
  if (!noise) {
    noise = audio.createBuffer(1, audio.sampleRate / 4, audio.sampleRate);
    const samples = noise.getChannelData(0);
    for (let i = 0; i < samples.length; i++) samples[i] = 2 * Math.random() - 1;
  }
  const { hertz, length, type } = DRUMS[kind];
  const source = audio.createBufferSource();
  const filter = audio.createBiquadFilter();
  const envelope = audio.createGain();
  source.buffer = noise;
  filter.type = type;
  filter.frequency.value = hertz;
  envelope.gain.setValueAtTime(kind ? 0.5 : 3, begun + from);
  envelope.gain.exponentialRampToValueAtTime(0.001, begun + from + length);
  source.connect(filter).connect(envelope).connect(output);
  source.start(begun + from);
  source.stop(begun + from + length);
}

function draw() {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const pen = canvas.getContext("2d");
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name);
  pen.scale(ratio, ratio);
  const first = firstSecond();
  const x = (second) => ((second - first) / SHOWN) * width;
  const row = height / (highest - lowest + 1 + DRUM_ROWS + 1);
  const y = (pitch) => (highest - pitch) * row;
  pen.fillStyle = colour("--grid");
  for (let pitch = lowest; pitch <= highest; pitch++) {
    if ([1, 3, 6, 8, 10].includes(pitch % 12)) pen.fillRect(0, y(pitch), width, row);
  }
  pen.fillStyle = colour("--line");
  for (const beat of beats) if (beat >= first && beat < first + SHOWN) pen.fillRect(x(beat), 0, 1, height);
  pen.fillRect(0, height - (DRUM_ROWS + 0.5) * row, width, 1);
  pen.fillStyle = colour("--model");
  for (const [from, to, pitch, velocity] of notes) {
    if (to < first || from > first + SHOWN) continue;
    pen.globalAlpha = 0.25 + 0.75 * (velocity / 127);
    pen.fillRect(x(from), y(pitch), Math.max(x(to) - x(from) - 1, 2), Math.max(row - 1, 1));
  }
  pen.globalAlpha = 1;
  pen.fillStyle = colour("--baseline");
  for (const [from, kind] of strokes) {
    if (from >= first - 1 && from < first + SHOWN) pen.fillRect(x(from), height - (kind + 1) * row, 5, Math.max(row - 1, 2));
  }
  pen.fillStyle = colour("--focus");
  pen.fillRect(x(now) - 1, 0, 2, height);
  position.value = Math.round(now * SLIDER_STEPS);
  const text = `${Math.floor(now / 60)}:${String(Math.floor(now % 60)).padStart(2, "0")}`;
  if (time.textContent !== text) time.textContent = text;
}

function firstSecond() {
  return Math.max(Math.min(now - SHOWN / 4, seconds - SHOWN), 0);
}

play.addEventListener("click", () => (playing ? stop() : start()));
position.addEventListener("input", () => moveTo(Number(position.value) / SLIDER_STEPS));
canvas.addEventListener("click", (event) => moveTo(firstSecond() + (event.offsetX / canvas.clientWidth) * SHOWN));
window.addEventListener("resize", draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
draw();
