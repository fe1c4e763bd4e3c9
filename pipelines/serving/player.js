// Player of two songs of the same length, which run synchronously; one of them is audible.

const FADE_SECONDS = 0.02;

export class Player {
  constructor(context) {
    this.context = context;
    this.buffers = { source: null, cover: null };
    this.side = "cover";
    this.ready = 0; // seconds of the cover that have arrived
    this.playing = false;
    this.offset = 0;
    this.nodes = [];
  }

  get duration() {
    return this.buffers.cover?.duration ?? 0;
  }

  get position() {
    if (!this.playing) return this.offset;
    return Math.min(this.offset + this.context.currentTime - this.began, this.duration);
  }

  async play() {
    await this.context.resume();
    if (this.position >= this.duration - 0.05) this.offset = 0;
    this.playing = true;
    this.#start(this.offset);
  }

  pause() {
    this.offset = this.position;
    this.playing = false;
    this.#stop();
  }

  seek(seconds) {
    const position = Math.min(Math.max(seconds, 0), this.duration);
    if (this.playing) this.#start(position);
    else this.offset = position;
  }

  choose(side) {
    this.side = side;
    for (const node of this.nodes) this.#fade(node, node.side === side ? 1 : 0);
  }

  // A source node copies its buffer when it starts, so it is restarted to play samples that arrived later.
  grow(seconds) {
    this.ready = seconds;
    if (this.playing) this.#start(this.position);
  }

  #start(position) {
    this.#stop();
    this.offset = position;
    this.began = this.context.currentTime;
    for (const [side, buffer] of Object.entries(this.buffers)) {
      if (!buffer) continue;
      const source = new AudioBufferSourceNode(this.context, { buffer });
      const gain = new GainNode(this.context, { gain: 0 });
      source.connect(gain).connect(this.context.destination);
      source.start(0, position);
      const node = { side, source, gain };
      this.#fade(node, side === this.side ? 1 : 0);
      this.nodes.push(node);
    }
  }

  #stop() {
    for (const node of this.nodes) {
      this.#fade(node, 0);
      node.source.stop(this.context.currentTime + 2 * FADE_SECONDS);
    }
    this.nodes = [];
  }

  #fade({ gain }, value) {
    const now = this.context.currentTime;
    gain.gain.cancelScheduledValues(now);
    gain.gain.setValueAtTime(gain.gain.value, now);
    gain.gain.linearRampToValueAtTime(value, now + FADE_SECONDS);
  }
}
