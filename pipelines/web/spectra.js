// STFT and its inverse of `pipelines.audio.arrays.stft`; a spectrum is two Float32Arrays [frames * bins].

const MIN_ENERGY = 1e-8;

// Spectrum of a channel, of frames that are not centred.
export function stft(fft, window, hop, samples) {
  const frames = 1 + Math.floor((samples.length - fft.size) / hop);
  const [real, imaginary] = [new Float32Array(frames * fft.bins), new Float32Array(frames * fft.bins)];
  for (let frame = 0; frame < frames; frame++) {
    for (let n = 0; n < fft.size; n++) fft.samples[n] = samples[frame * hop + n] * window[n];
    fft.forward();
    real.set(fft.real, frame * fft.bins);
    imaginary.set(fft.imaginary, frame * fft.bins);
  }
  return { real, imaginary, frames };
}

// Least-squares inverse of centred frames, Float32Array [length].
export function istft(fft, window, hop, { real, imaginary, frames }, length) {
  const [total, weights] = [0, 1].map(() => new Float64Array((frames - 1) * hop + fft.size));
  for (let frame = 0; frame < frames; frame++) {
    const [first, stop] = [frame * fft.bins, (frame + 1) * fft.bins];
    fft.real.set(real.subarray(first, stop));
    fft.imaginary.set(imaginary.subarray(first, stop));
    fft.inverse();
    for (let n = 0; n < fft.size; n++) {
      total[frame * hop + n] += fft.samples[n] * window[n];
      weights[frame * hop + n] += window[n] ** 2;
    }
  }
  const samples = new Float32Array(length);
  const half = fft.size / 2;
  const known = Math.min(length, total.length - half);
  for (let n = 0; n < known; n++) samples[n] = total[half + n] / Math.max(weights[half + n], MIN_ENERGY);
  return samples;
}
