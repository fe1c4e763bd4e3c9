// Loudness matching under a look-ahead true-peak limiter, see `pipelines.inference.gain`, `pipelines.audio.limiter`.

import { gated, integrated, loudnessGain, overlapping, sum, weightedEnergies } from "./loudness.js";

const STEP = 64; // samples
const OVERSAMPLING = 4;
const CEILING = 10 ** (-1 / 20);
const MARGIN = 10 ** (-0.05 / 20);
const LOOK_AHEAD_SECONDS = 0.005;
const RELEASE_SECONDS = 0.06;
const RELEASE_CONSTANTS = 5;
const BISECTIONS = 12;
const MAX_MAKEUP = Math.log(10 ** (12 / 20));
const GATE_SECONDS = 0.1;
const STEPS_PER_GATE = 4;
const TINY = 1e-12;

// Channels at a loudness, with true peaks below the ceiling; the interpolator is [taps * OVERSAMPLING].
export function matchLoudness(channels, target, rate, response, interpolator, limited) {
  const ceiling = limited ? CEILING : Infinity;
  const energies = weightedEnergies(channels, response);
  const count = Math.ceil(channels[0].length / STEP);
  const stepEnergies = Float64Array.from({ length: count }, (_, n) => sum(energies.subarray(n * STEP, (n + 1) * STEP)));
  const peaks = truePeaks(channels, count, interpolator).map((each) => Math.log(Math.max(each, TINY)));
  const loudness = (gain, limit) => {
    const nodes = attenuation(excess(peaks, gain, limit), rate);
    return gated(gateEnergies(stepEnergies.map((each, n) => each * Math.exp(2 * gain - nodes[n] - nodes[n + 1])), rate));
  };
  let low = Math.log(loudnessGain(integrated(energies, rate), target));
  let high = low + MAX_MAKEUP;
  const wanted = loudness(low, Infinity);
  for (let n = 0; n < BISECTIONS; n++) {
    const middle = (low + high) / 2;
    if (loudness(middle, ceiling) < wanted) low = middle;
    else high = middle;
  }
  return amplified(channels, low, attenuation(excess(peaks, low, ceiling), rate));
}

// Channels after a gain in nepers and the limiter's attenuation.
function amplified(channels, gain, nodes) {
  return channels.map((channel) => channel.map((value, n) => {
    const step = Math.floor(n / STEP);
    const share = (n % STEP) / STEP;
    return value * Math.exp(gain - nodes[step] * (1 - share) - nodes[step + 1] * share);
  }));
}

// Largest true peak of all channels in every step.
function truePeaks(channels, count, interpolator) {
  const peaks = new Float64Array(count);
  const taps = interpolator.length / OVERSAMPLING;
  const context = (taps - 1) / 2;
  const phases = Array.from({ length: OVERSAMPLING }, (_, phase) => (
    Float64Array.from({ length: taps }, (_, tap) => interpolator[tap * OVERSAMPLING + phase])
  ));
  for (const channel of channels) {
    const padded = new Float32Array(count * STEP + 2 * context);
    padded.set(channel, context);
    for (const weights of phases) {
      for (let n = 0; n < count * STEP; n++) {
        let value = 0;
        for (let tap = 0; tap < taps; tap++) value += padded[n + tap] * weights[tap];
        const step = Math.floor(n / STEP);
        if (Math.abs(value) > peaks[step]) peaks[step] = Math.abs(value);
      }
    }
  }
  return peaks;
}

function excess(logPeaks, gain, ceiling) {
  const shift = gain - Math.log(ceiling * MARGIN);
  return logPeaks.map((each) => Math.max(each + shift, 0));
}

// Attenuation at the edges of steps, nepers, [steps + 1]: it rises within the look-ahead, and is released behind it.
function attenuation(excesses, rate) {
  const ahead = Math.ceil((LOOK_AHEAD_SECONDS * rate) / STEP);
  const steps = excesses.length;
  const padded = new Float64Array(steps + 2 * ahead);
  padded.set(released(excesses, rate), ahead);
  const held = new Float64Array(steps + ahead);
  for (let n = 0; n < held.length; n++) held[n] = Math.max(...padded.subarray(n, n + ahead + 1));
  return Float64Array.from({ length: steps + 1 }, (_, n) => sum(held.subarray(n, n + ahead)) / ahead);
}

// Decayed maximum over past steps, by doubling the window as in Python.
function released(excesses, rate) {
  const doublings = Math.ceil(Math.log2((RELEASE_CONSTANTS * RELEASE_SECONDS * rate) / STEP));
  let found = excesses;
  for (let power = 0; power < doublings; power++) {
    const decay = Math.exp(-(STEP << power) / (RELEASE_SECONDS * rate));
    const [before, shift] = [found, 1 << power];
    found = before.map((value, n) => (n < shift ? value : Math.max(value, decay * before[n - shift])));
  }
  return found;
}

// Mean energies of gating blocks of the energies of steps.
function gateEnergies(energies, rate) {
  const size = Math.round((GATE_SECONDS * rate) / STEP);
  const count = Math.max(Math.floor(energies.length / size), STEPS_PER_GATE);
  const sums = Float64Array.from({ length: count }, (_, n) => sum(energies.subarray(n * size, (n + 1) * size)));
  return overlapping(sums, count - STEPS_PER_GATE + 1, STEPS_PER_GATE * size * STEP);
}
