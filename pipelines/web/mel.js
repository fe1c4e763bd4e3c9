// Log-mels and their inversion, see `pipelines.audio.arrays.mel`.

const TINY = 1e-8;
const CLIP = 1e-5;
const ITERATIONS = 10;
const NEGLIGIBLE = 1e-7; // of the largest weight of a row of the pseudo-inverse

export class Mel {
  // The filter bank is [bins * bands], its pseudo-inverse [bands * bins].
  constructor({ floor, ceiling }, bands, filters, inverse) {
    Object.assign(this, { bands, inverse, bins: filters.length / bands });
    [this.low, this.high] = [Math.log(floor), Math.log(ceiling)];
    this.floor = floor;
    // Non-zero weights, bin by bin.
    this.starts = new Uint32Array(this.bins + 1);
    const [places, weights] = [[], []];
    this.sums = new Float64Array(this.bins);
    for (let bin = 0; bin < this.bins; bin++) {
      for (let band = 0; band < bands; band++) {
        const weight = filters[bin * bands + band];
        if (!weight) continue;
        places.push(band);
        weights.push(weight);
        this.sums[bin] += weight;
      }
      this.starts[bin + 1] = places.length;
    }
    [this.places, this.weights] = [Uint32Array.from(places), Float64Array.from(weights)];
    this.ranges = Array.from({ length: bands }, (_, band) => range(inverse.subarray(band * this.bins, (band + 1) * this.bins)));
    [this.mel, this.current] = [new Float64Array(bands), new Float64Array(bands)];
    [this.gain, this.blind] = [new Float64Array(this.bins), new Float64Array(this.bins)];
  }

  // Log-mel, Float32Array [frames * bands], of magnitudes [frames * bins].
  logMel(magnitude, frames) {
    const found = new Float32Array(frames * this.bands);
    const factor = 2 / (this.high - this.low);
    for (let frame = 0; frame < frames; frame++) {
      this.#project(magnitude.subarray(frame * this.bins, (frame + 1) * this.bins));
      for (let band = 0; band < this.bands; band++) {
        const level = Math.log(Math.max(this.current[band], this.floor));
        found[frame * this.bands + band] = Math.max((level - this.low) * factor - 1, -1);
      }
    }
    return found;
  }

  // Magnitudes [frames * bins] with approximately the given log-mel and the fine structure of a source.
  invert(logMel, source, frames) {
    const found = new Float32Array(source.length);
    const { mel, gain, blind, bands, bins, inverse } = this;
    for (let frame = 0; frame < frames; frame++) {
      for (let band = 0; band < bands; band++) {
        const level = (logMel[frame * bands + band] + 1) * ((this.high - this.low) / 2) + this.low;
        mel[band] = Math.exp(level);
      }
      const magnitude = found.subarray(frame * bins, (frame + 1) * bins);
      for (let bin = 0; bin < bins; bin++) magnitude[bin] = Math.max(source[frame * bins + bin], CLIP);
      this.#correct(magnitude);
      blind.fill(0);
      for (let band = 0; band < bands; band++) {
        const level = mel[band];
        const row = band * bins;
        const [first, stop] = this.ranges[band];
        for (let bin = first; bin < stop; bin++) blind[bin] += inverse[row + bin] * level;
      }
      for (let bin = 0; bin < bins; bin++) {
        const trust = Math.sqrt(Math.min(gain[bin], 1 / Math.max(gain[bin], TINY)));
        magnitude[bin] = trust * gain[bin] * magnitude[bin] + (1 - trust) * Math.max(blind[bin], CLIP);
      }
      for (let iteration = 0; iteration < ITERATIONS; iteration++) {
        this.#correct(magnitude);
        for (let bin = 0; bin < bins; bin++) magnitude[bin] *= gain[bin];
      }
      // No filter reaches the DC bin: as large beside the first one as in the source.
      const [dc, next] = source.subarray(frame * bins, frame * bins + 2);
      magnitude[0] = magnitude[1] * Math.min(dc / Math.max(next, CLIP), 1);
    }
    return found;
  }

  // Mel magnitudes of the magnitudes of a frame, in this.current.
  #project(magnitude) {
    const { starts, places, weights, current } = this;
    current.fill(0);
    for (let bin = 0; bin < this.bins; bin++) {
      for (let n = starts[bin]; n < starts[bin + 1]; n++) current[places[n]] += weights[n] * magnitude[bin];
    }
  }

  // Update factors of bins, in this.gain: weighted mean over its bands of target mel over current mel.
  #correct(magnitude) {
    const { starts, places, weights, current, mel, gain, sums } = this;
    this.#project(magnitude);
    for (let band = 0; band < this.bands; band++) current[band] = mel[band] / Math.max(current[band], TINY);
    for (let bin = 0; bin < this.bins; bin++) {
      let sum = 0;
      for (let n = starts[bin]; n < starts[bin + 1]; n++) sum += weights[n] * current[places[n]];
      gain[bin] = sum / Math.max(sums[bin], TINY);
    }
  }
}

// First and last place of the weights that are not negligible; they lie around one place.
function range(weights) {
  const least = NEGLIGIBLE * weights.reduce((largest, each) => Math.max(largest, Math.abs(each)), 0);
  const matters = (each) => Math.abs(each) > least;
  return [weights.findIndex(matters), weights.findLastIndex(matters) + 1];
}
