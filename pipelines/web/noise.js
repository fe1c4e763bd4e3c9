// Noise of `pipelines.nn.philox`: Philox4x32-10 in 32-bit arithmetic, and normal numbers of its words.

const ROUNDS = 10;
const SMALLEST = Math.fround(1e-7);
const CIRCLE = Math.fround(2 * Math.PI);

// Standard normal noise of frames, Float32Array [frames * channels]; the key has two 32-bit words.
export function positionNoise(firstFrame, frames, channels, key) {
  const noise = new Float32Array(frames * channels);
  const words = new Uint32Array(4);
  const firstBlock = (firstFrame * channels) / 4;
  for (let block = 0; block < noise.length / 4; block++) {
    encrypt(words, firstBlock + block, key);
    for (let pair = 0; pair < 4; pair += 2) {
      const radius = Math.sqrt(-2 * Math.log(Math.max(uniform(words[pair]), SMALLEST)));
      const angle = Math.fround(CIRCLE * uniform(words[pair + 1]));
      noise[4 * block + pair] = Math.sin(angle) * radius;
      noise[4 * block + pair + 1] = Math.cos(angle) * radius;
    }
  }
  return noise;
}

// Random words of the number of a block, which is below 2 ** 32 for years of music.
function encrypt(words, block, [low, high]) {
  let [a, b, c, d] = [block, 0, 0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    const [x, y] = [highProduct(a, 0xd2511f53), highProduct(c, 0xcd9e8d57)];
    [a, b, c, d] = [y ^ b ^ low, Math.imul(c, 0xcd9e8d57), x ^ d ^ high, Math.imul(a, 0xd2511f53)];
    low = (low + 0x9e3779b9) | 0;
    high = (high + 0xbb67ae85) | 0;
  }
  words.set([a, b, c, d]);
}

// Upper 32 bits of the product of two unsigned words.
function highProduct(a, b) {
  const [a0, a1, b0, b1] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const middle = a1 * b0 + ((a0 * b0) >>> 16);
  const upper = a0 * b1 + (middle % 0x10000);
  return (a1 * b1 + Math.floor(middle / 0x10000) + Math.floor(upper / 0x10000)) | 0;
}

// Uniform number in [0, 1) of the last 23 bits of a word.
function uniform(word) {
  return (word & 0x7fffff) / 0x800000;
}
