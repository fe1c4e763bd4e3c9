// Integrated loudness (EBU R128), see `pipelines.audio.loudness` and `k_weighting`.

import { RealFft } from "./fft.js";

export const TRAINING_LUFS = -23;
const BLOCK_SECONDS = 0.4;
const STEPS_PER_BLOCK = 4;
const STEP_SECONDS = BLOCK_SECONDS / STEPS_PER_BLOCK;
const ABSOLUTE_GATE = -70;
const RELATIVE_GATE = -10;
const OFFSET = -0.691;
const SMALLEST_SIZE = 8; // of a transform, in lengths of the filter's response

// K-weighted energies of samples, summed over the channels; the filter is a convolution by FFT.
export function weightedEnergies(channels, response) {
  const size = 2 ** Math.ceil(Math.log2(SMALLEST_SIZE * response.length));
  const fft = new RealFft(size);
  fft.samples.set(response);
  fft.forward();
  const [real, imaginary] = [fft.real.slice(), fft.imaginary.slice()];
  const energies = new Float64Array(channels[0].length);
  const before = response.length - 1;
  for (const channel of channels) {
    const padded = new Float32Array(channel.length + before);
    padded.set(channel, before);
    for (let first = 0; first < channel.length; first += size - before) {
      fft.samples.fill(0);
      fft.samples.set(padded.subarray(first, first + size));
      fft.forward();
      for (let k = 0; k < fft.bins; k++) {
        const x = fft.real[k] * real[k] - fft.imaginary[k] * imaginary[k];
        fft.imaginary[k] = fft.real[k] * imaginary[k] + fft.imaginary[k] * real[k];
        fft.real[k] = x;
      }
      fft.inverse();
      const count = Math.min(size - before, channel.length - first);
      for (let n = 0; n < count; n++) energies[first + n] += fft.samples[before + n] ** 2;
    }
  }
  return energies;
}

// Loudness of K-weighted energies, LUFS; -Infinity for silence.
export function integrated(energies, rate) {
  const count = Math.max(1, rounded((energies.length / rate - BLOCK_SECONDS) / STEP_SECONDS) + 1);
  const steps = new Float64Array(count + STEPS_PER_BLOCK - 1);
  for (let step = 0; step < steps.length; step++) {
    const [first, stop] = [step, step + 1].map((each) => Math.floor(each * STEP_SECONDS * rate));
    for (let n = first; n < Math.min(stop, energies.length); n++) steps[step] += energies[n];
  }
  return gated(overlapping(steps, count, BLOCK_SECONDS * rate));
}

// Loudness gain, linear; 1 if either is silence.
export function loudnessGain(loudness, target) {
  const difference = target - loudness;
  return Number.isFinite(difference) ? 10 ** (difference / 20) : 1;
}

// Mean energies of blocks that overlap by 75 %, of the sums of steps.
export function overlapping(steps, count, samples) {
  return Float64Array.from({ length: count }, (_, n) => sum(steps.subarray(n, n + STEPS_PER_BLOCK)) / samples);
}

// Gated loudness of the mean energies of blocks, LUFS.
export function gated(blocks) {
  const audible = blocks.filter((each) => lufs(each) >= ABSOLUTE_GATE);
  if (!audible.length) return -Infinity;
  const threshold = Math.max(ABSOLUTE_GATE, lufs(sum(audible) / audible.length) + RELATIVE_GATE);
  const loud = blocks.filter((each) => lufs(each) > threshold);
  return lufs(sum(loud) / loud.length);
}

export function sum(values) {
  let total = 0;
  for (const each of values) total += each;
  return total;
}

function lufs(energy) {
  return OFFSET + 10 * Math.log10(Math.max(energy, 1e-30));
}

// Halves go to the even neighbour, as Python's do.
function rounded(number) {
  return Math.abs(number % 1) === 0.5 ? 2 * Math.round(number / 2) : Math.round(number);
}
