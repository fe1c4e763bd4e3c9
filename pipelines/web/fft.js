// FFT of real numbers by a complex one of half their count, in double precision; sizes are powers of two.

export class RealFft {
  constructor(size) {
    const half = size / 2;
    this.size = size;
    this.bins = half + 1;
    this.samples = new Float64Array(size);
    [this.real, this.imaginary] = [new Float64Array(half + 1), new Float64Array(half + 1)];
    [this.a, this.b] = [new Float64Array(half), new Float64Array(half)];
    this.cosine = Float64Array.from({ length: half }, (_, k) => Math.cos((2 * Math.PI * k) / size));
    this.sine = Float64Array.from({ length: half }, (_, k) => -Math.sin((2 * Math.PI * k) / size));
    this.reversed = new Uint32Array(half);
    for (let n = 1; n < half; n++) this.reversed[n] = (this.reversed[n >> 1] >> 1) | (n & 1 ? half >> 1 : 0);
  }

  // Spectrum of this.samples, in this.real and this.imaginary.
  forward() {
    const { samples, real, imaginary, a, b, cosine, sine, reversed } = this;
    const half = a.length;
    for (let n = 0; n < half; n++) {
      a[reversed[n]] = samples[2 * n];
      b[reversed[n]] = samples[2 * n + 1];
    }
    this.#transform(a, b);
    for (let k = 0; k < half; k++) {
      const m = k ? half - k : 0;
      const oddReal = b[k] + b[m];
      const oddImaginary = a[m] - a[k];
      real[k] = (a[k] + a[m] + cosine[k] * oddReal - sine[k] * oddImaginary) / 2;
      imaginary[k] = (b[k] - b[m] + cosine[k] * oddImaginary + sine[k] * oddReal) / 2;
    }
    real[half] = a[0] - b[0];
    imaginary[half] = 0;
  }

  // Samples of the spectrum in this.real and this.imaginary, in this.samples.
  inverse() {
    const { samples, real, imaginary, a, b, cosine, sine, reversed } = this;
    const half = a.length;
    for (let k = 0; k < half; k++) {
      const m = half - k;
      const x = real[k] - real[m];
      const y = imaginary[k] + imaginary[m];
      // Real and imaginary parts are swapped, which makes the forward transform the inverse one.
      a[reversed[k]] = imaginary[k] - imaginary[m] + x * cosine[k] + y * sine[k];
      b[reversed[k]] = real[k] + real[m] - y * cosine[k] + x * sine[k];
    }
    this.#transform(a, b);
    for (let n = 0; n < half; n++) {
      samples[2 * n] = b[n] / this.size;
      samples[2 * n + 1] = a[n] / this.size;
    }
  }

  // Butterflies of growing span over numbers in bit-reversed order.
  #transform(a, b) {
    const { cosine, sine, size } = this;
    for (let span = 2; span <= a.length; span *= 2) {
      const half = span / 2;
      const stride = size / span;
      for (let first = 0; first < a.length; first += span) {
        for (let k = 0; k < half; k++) {
          const i = first + k;
          const j = i + half;
          const c = cosine[k * stride];
          const s = sine[k * stride];
          const x = a[j] * c - b[j] * s;
          const y = a[j] * s + b[j] * c;
          a[j] = a[i] - x;
          b[j] = b[i] - y;
          a[i] += x;
          b[i] += y;
        }
      }
    }
  }
}
