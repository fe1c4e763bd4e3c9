// Stereo image: panning of bins, and width of the waveform; see `pipelines.audio.arrays.stereo`, `stereo_width`.

const SILENCE = 1e-8;
const BIN_REACH = 2;
const PANNING_REACH = 2;
const WIDTH_HOPS = 258;
const MIN_SHARE = 1e-5;
const MAX_GAIN = 4;

// Squared magnitudes of a spectrum.
export function energy({ real, imaginary }) {
  return real.map((value, n) => value * value + imaginary[n] * imaginary[n]);
}

// Root-mean-square magnitudes of the energies of channels.
export function monoMagnitude(energies) {
  return mean(energies).map(Math.sqrt);
}

// Gains of channels, Float32Arrays [frames * bins], from the mono magnitude to a source's stereo image.
export function panning(energies, bins) {
  if (energies.length === 1) return [new Float32Array(energies[0].length).fill(1)];
  const smoothed = energies.map((each) => smooth(smooth(each, bins, 1, BIN_REACH), bins, bins, PANNING_REACH));
  for (const each of smoothed) for (let n = 0; n < each.length; n++) each[n] += SILENCE;
  const total = mean(smoothed);
  return smoothed.map((each) => each.map((value, n) => Math.sqrt(value / total[n])));
}

// Translation at the stereo width of its source; both are lists of channels.
export function matchWidth(source, translation, hop) {
  if (source.length === 1) return translation;
  const [wanted, found] = [source, translation].map((channels) => widths(channels, hop));
  const gains = wanted.map((width, n) => Math.min(Math.max(Math.sqrt(width / found[n]), 1 / MAX_GAIN), MAX_GAIN));
  const last = gains.length - 1;
  const edge = (n) => (gains[Math.max(n - 1, 0)] + gains[Math.min(n, last)]) / 2;
  const matched = translation.map((channel) => new Float32Array(channel.length));
  for (let n = 0; n < translation[0].length; n++) {
    const number = Math.floor(n / hop);
    const gain = edge(number) + ((edge(number + 1) - edge(number)) * (n % hop)) / hop;
    const middle = (translation[0][n] + translation[1][n]) / 2;
    matched.forEach((channel, c) => { channel[n] = middle + (translation[c][n] - middle) * gain; });
  }
  return matched;
}

// Side over middle of hops, each averaged over seconds.
function widths([left, right], hop) {
  const count = Math.ceil(left.length / hop);
  const [sides, middles] = [new Float64Array(count), new Float64Array(count)];
  for (let n = 0; n < left.length; n++) {
    const place = Math.floor(n / hop);
    sides[place] += (left[n] - right[n]) ** 2 / 2;
    middles[place] += (left[n] + right[n]) ** 2 / 2;
  }
  const [side, middle] = [sides, middles].map((each) => smooth(each, count, 1, WIDTH_HOPS));
  return side.map((value, n) => {
    const minimum = MIN_SHARE * (value + middle[n]) + SILENCE;
    return (value + minimum) / (middle[n] + minimum);
  });
}

function mean(channels) {
  const total = new Float32Array(channels[0].length);
  for (const each of channels) for (let n = 0; n < total.length; n++) total[n] += each[n] / channels.length;
  return total;
}

// Moving average along one axis of rows of a width, `reach` values on each side, at the ends over those that exist;
// the step between neighbours is 1 along a row, and the width from row to row.
function smooth(values, width, step, reach) {
  const found = new values.constructor(values.length);
  const length = step === 1 ? width : values.length / width;
  const sums = new Float64Array(length + 1);
  for (let line = 0; line < values.length / length; line++) {
    const first = step === 1 ? line * width : line;
    for (let n = 0; n < length; n++) sums[n + 1] = sums[n] + values[first + n * step];
    for (let n = 0; n < length; n++) {
      const [begin, end] = [Math.max(n - reach, 0), Math.min(n + reach + 1, length)];
      found[first + n * step] = (sums[end] - sums[begin]) / (end - begin);
    }
  }
  return found;
}
