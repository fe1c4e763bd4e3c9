// One player of two songs of the same length: both run together, one of them is heard.

const FADE = 0.02;

export class Player {
  constructor(context) {
    this.context = context;
    this.buffers = { source: null, cover: null };
    this.side = "cover";
    this.ready = 0; // seconds of the cover that are there
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
    const place = Math.min(Math.max(seconds, 0), this.duration);
    if (this.playing) this.#start(place);
    else this.offset = place;
  }

  choose(side) {
    this.side = side;
    for (const node of this.nodes) this.#fade(node, node.side === side ? 1 : 0);
  }

  // What plays was copied when it started, so what has come since is taken in by starting again.
  grow(seconds) {
    this.ready = seconds;
    if (this.playing) this.#start(this.position);
  }

  #start(place) {
    this.#stop();
    this.offset = place;
    this.began = this.context.currentTime;
    for (const [side, buffer] of Object.entries(this.buffers)) {
      if (!buffer) continue;
      const source = new AudioBufferSourceNode(this.context, { buffer });
      const gain = new GainNode(this.context, { gain: 0 });
      source.connect(gain).connect(this.context.destination);
      source.start(0, place);
      const node = { side, source, gain };
      this.#fade(node, side === this.side ? 1 : 0);
      this.nodes.push(node);
    }
  }

  #stop() {
    for (const node of this.nodes) {
      this.#fade(node, 0);
      node.source.stop(this.context.currentTime + 2 * FADE);
    }
    this.nodes = [];
  }

  #fade({ gain }, value) {
    const now = this.context.currentTime;
    gain.gain.cancelScheduledValues(now);
    gain.gain.setValueAtTime(gain.gain.value, now);
    gain.gain.linearRampToValueAtTime(value, now + FADE);
  }
}
