// Translation of a clip, window by window, see `pipelines.inference.translate` and `window_translation`.

import { RealFft } from "./fft.js";
import { matchLoudness } from "./limiter.js";
import { TRAINING_LUFS, integrated, loudnessGain, weightedEnergies } from "./loudness.js";
import { Mel } from "./mel.js";
import { energy, matchWidth, monoMagnitude, panning } from "./stereo.js";
import { istft, stft } from "./spectra.js";

const SILENCE = -1; // log-mel
const MIN_MAGNITUDE = 1e-5;
const MIN_ENERGY = 1e-20;

export class Translator {
  // The network maps a log-mel, its number of frames, the number of its first one, and the closeness.
  constructor(settings, tables, network) {
    Object.assign(this, { ...settings, tables, network, fft: new RealFft(settings.fftSize) });
    this.mel = new Mel(settings, settings.bands, tables.filters, tables.inverse);
  }

  // Cover of a clip: channels of the same length, at the clip's loudness.
  async translate(clip, strength, closeness, progress) {
    const loudness = integrated(weightedEnergies(clip, this.tables.response), this.rate);
    const gain = loudnessGain(loudness, TRAINING_LUFS + 10 * Math.log10(clip.length));
    const source = clip.map((channel) => channel.map((value) => value * gain));
    const cover = clip.map((channel) => new Float32Array(channel.length));
    const frames = 1 + Math.floor(clip[0].length / this.hop);
    for (let start = 0; start < frames; start += this.windowFrames) {
      const window = this.#window(start, frames);
      const translated = await this.#windowSamples(source, window, strength, closeness);
      translated.forEach((samples, channel) => cover[channel].set(samples, start * this.hop));
      progress(window.stop / frames);
    }
    const matched = matchWidth(source, cover, this.hop);
    return matchLoudness(matched, loudness, this.rate, this.tables.response, this.tables.interpolator, strength > 0);
  }

  // Output frames of a window, and its input frames, of which there are more where the song has them.
  #window(start, frames) {
    return {
      start,
      stop: Math.min(start + this.windowFrames, frames),
      first: Math.max(start - this.windowMargin, 0),
      last: Math.min(start + this.windowFrames + this.windowMargin, frames),
    };
  }

  async #windowSamples(source, { start, stop, first, last }, strength, closeness) {
    const { fft, hop, tables } = this;
    const spectra = source.map((channel) => stft(fft, tables.window, hop, this.#span(channel, first, last)));
    const energies = spectra.map(energy);
    const translation = await this.#logMel(monoMagnitude(energies), first, last, closeness);
    const left = Math.max(start - this.margin, first);
    const right = Math.min(stop + this.margin, last);
    const kept = (values, size) => values.subarray((left - first) * size, (right - first) * size);
    const length = Math.min(source[0].length - left * hop, (right - left) * hop);
    const images = this.#images(
      kept(translation, this.bands), energies.map((each) => kept(each, fft.bins)), right - left, strength,
    );
    return spectra.map(({ real, imaginary }, channel) => {
      const spectrum = { real: kept(real, fft.bins), imaginary: kept(imaginary, fft.bins), frames: right - left };
      const samples = istft(fft, tables.window, hop, withMagnitude(spectrum, images[channel]), length);
      return samples.subarray((start - left) * hop, Math.min((stop - left) * hop, length));
    });
  }

  // Input samples of frames, whose first is centred at the first sample of the song.
  #span(channel, first, last) {
    const samples = new Float32Array((last - first - 1) * this.hop + this.fftSize);
    const offset = first * this.hop - this.fftSize / 2;
    samples.set(channel.subarray(Math.max(offset, 0), offset + samples.length), Math.max(-offset, 0));
    return samples;
  }

  // Translated log-mel of magnitudes; silence fills up the network's multiple of frames.
  async #logMel(magnitude, first, last, closeness) {
    const frames = last - first;
    const padded = new Float32Array(Math.ceil(frames / this.multiple) * this.multiple * this.bands).fill(SILENCE);
    padded.set(this.mel.logMel(magnitude, frames));
    return this.network(padded, padded.length / this.bands, first, closeness);
  }

  // Magnitudes of channels: between the source (strength 0) and its translation, linear in decibels.
  #images(logMel, energies, frames, strength) {
    const magnitude = this.mel.invert(logMel, monoMagnitude(energies), frames);
    const gains = panning(energies, this.fft.bins);
    return energies.map((each, channel) => each.map((value, n) => {
      const source = Math.max(Math.sqrt(value), MIN_MAGNITUDE);
      const translated = Math.max(magnitude[n] * gains[channel][n], MIN_MAGNITUDE);
      return source * (translated / source) ** strength;
    }));
  }
}

// Spectrum with other magnitudes and the same phases.
function withMagnitude({ real, imaginary, frames }, magnitude) {
  const gains = magnitude.map((value, n) => value / Math.sqrt(real[n] ** 2 + imaginary[n] ** 2 + MIN_ENERGY));
  return { real: real.map((value, n) => value * gains[n]), imaginary: imaginary.map((value, n) => value * gains[n]), frames };
}
