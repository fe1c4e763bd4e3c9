// Spectrograms on a canvas: logarithmic frequency, 80 dB from dark to bright.

const SIZE = 4096; // samples of a frame
const LOWEST = 60; // Hz
const HIGHEST = 12000; // Hz
const RANGE = 80; // dB
// Nodes of a colour map with uniformly rising lightness, which can be read without colours.
const COLOURS = [[0, 0, 4], [59, 15, 112], [140, 41, 129], [222, 73, 104], [254, 159, 109], [252, 253, 191]];
const WINDOW = Float32Array.from({ length: SIZE }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / SIZE));

// Draws the columns of a canvas between two positions of a song, in samples.
export function draw(canvas, buffer, from, to) {
  const pen = canvas.getContext("2d");
  const { width, height } = canvas;
  const first = Math.floor((from / buffer.length) * width);
  const last = Math.min(width, Math.ceil((to / buffer.length) * width));
  if (last <= first) return;
  const image = pen.createImageData(last - first, height);
  for (let x = first; x < last; x++) {
    const power = spectrum(buffer, Math.round(((x + 0.5) / width) * buffer.length) - SIZE / 2);
    for (let y = 0; y < height; y++) {
      const at = 4 * ((height - 1 - y) * (last - first) + x - first);
      image.data.set(colour(level(power, y / height, buffer.sampleRate)), at);
    }
  }
  pen.putImageData(image, first, 0);
}

export function clear(canvas) {
  canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
}

// Level of the loudest bin of a row, from 0 to 1.
function level(power, fraction, rate) {
  const bin = (height) => (LOWEST * (HIGHEST / LOWEST) ** height * SIZE) / rate;
  const first = Math.min(Math.floor(bin(fraction)), power.length - 1);
  const last = Math.min(Math.max(first + 1, Math.floor(bin(fraction + 0.005))), power.length);
  let loudest = 0;
  for (let k = first; k < last; k++) loudest = Math.max(loudest, power[k]);
  const decibels = 10 * Math.log10(loudest + 1e-12) - 20 * Math.log10(SIZE / 8);
  return Math.min(1, Math.max(0, 1 + decibels / RANGE));
}

function colour(value) {
  const position = value * (COLOURS.length - 1);
  const index = Math.min(Math.floor(position), COLOURS.length - 2);
  const mix = position - index;
  const [low, high] = [COLOURS[index], COLOURS[index + 1]];
  return [0, 1, 2].map((part) => low[part] + mix * (high[part] - low[part])).concat(255);
}

function spectrum(buffer, start) {
  const real = new Float32Array(SIZE);
  const imaginary = new Float32Array(SIZE);
  for (let channel = 0; channel < buffer.numberOfChannels; channel++) {
    const samples = buffer.getChannelData(channel);
    for (let n = Math.max(0, -start); n < SIZE && start + n < samples.length; n++) {
      real[n] += (samples[start + n] * WINDOW[n]) / buffer.numberOfChannels;
    }
  }
  fft(real, imaginary);
  return real.subarray(0, SIZE / 2 + 1).map((value, k) => value * value + imaginary[k] * imaginary[k]);
}

// FFT in place, decimation in time: bit reversal, then butterflies of growing size.
function fft(real, imaginary) {
  const size = real.length;
  for (let i = 1, j = 0; i < size; i++) {
    let bit = size >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) [real[i], real[j]] = [real[j], real[i]];
  }
  for (let span = 2; span <= size; span *= 2) butterflies(real, imaginary, span);
}

function butterflies(real, imaginary, span) {
  for (let k = 0; k < span / 2; k++) {
    const [c, s] = [Math.cos((2 * Math.PI * k) / span), -Math.sin((2 * Math.PI * k) / span)];
    for (let a = k; a < real.length; a += span) {
      const b = a + span / 2;
      const [x, y] = [real[b] * c - imaginary[b] * s, real[b] * s + imaginary[b] * c];
      [real[b], imaginary[b]] = [real[a] - x, imaginary[a] - y];
      real[a] += x;
      imaginary[a] += y;
    }
  }
}
