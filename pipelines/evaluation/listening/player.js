// Player of the sounds of a trial, which run synchronously in a loop; one of them is audible.

const SWITCH_SECONDS = 0.02; // crossfade from one sound to another
const EDGE_SECONDS = 0.005; // raised-cosine fades at both ends of the loop
const START_SECONDS = 0.02; // before all sounds start at the same sample
const SHORTEST_LOOP = 0.5; // seconds

class Player {
  constructor(context) {
    this.context = context;
    this.sounds = new Map(); // AudioBuffers by name
    this.audible = null;
    this.playing = false;
    this.offset = 0; // seconds from the start of the sounds, while paused
    this.loop = { from: 0, to: 0 };
    this.nodes = [];
  }

  load(sounds) {
    this.pause();
    this.sounds = sounds;
    this.audible = null;
    this.offset = 0;
    this.loop = { from: 0, to: this.duration };
  }

  get duration() {
    return Math.max(0, ...[...this.sounds.values()].map((buffer) => buffer.duration));
  }

  get position() {
    if (!this.playing) return this.offset;
    const { from, to } = this.loop;
    const elapsed = Math.max(0, this.context.currentTime - this.began);
    return from + ((this.offset - from + elapsed) % (to - from));
  }

  async play() {
    await this.context.resume();
    this.#start(this.offset);
  }

  pause() {
    this.offset = this.position;
    this.#stop();
  }

  choose(name) {
    this.audible = name;
    for (const node of this.nodes) this.#fade(node.gain.gain, node.name === name ? 1 : 0);
  }

  seek(seconds) {
    this.#move(seconds);
  }

  setLoop(from, to) {
    const position = this.position;
    const end = Math.min(Math.max(to, SHORTEST_LOOP), this.duration);
    this.loop = { from: Math.max(0, Math.min(from, end - SHORTEST_LOOP)), to: end };
    this.#move(position);
  }

  // Goes to a position, or to the start of the loop if it is outside.
  #move(seconds) {
    const { from, to } = this.loop;
    const inside = seconds >= from && seconds < to ? seconds : from;
    if (this.playing) this.#start(inside);
    else this.offset = inside;
  }

  #start(offset) {
    this.#stop();
    this.playing = true;
    this.offset = offset;
    this.began = this.context.currentTime + START_SECONDS;
    for (const [name, sound] of this.sounds) {
      const source = new AudioBufferSourceNode(this.context, { buffer: this.#looped(sound), loop: true });
      const gain = new GainNode(this.context, { gain: 0 });
      source.connect(gain).connect(this.context.destination);
      source.start(this.began, offset - this.loop.from);
      this.#fade(gain.gain, name === this.audible ? 1 : 0);
      this.nodes.push({ name, source, gain });
    }
  }

  #stop() {
    this.playing = false;
    for (const { source, gain } of this.nodes) {
      this.#fade(gain.gain, 0);
      source.stop(this.context.currentTime + 2 * SWITCH_SECONDS);
    }
    this.nodes = [];
  }

  // The part of a sound inside the loop; a shorter sound is padded with silence.
  #looped(sound) {
    const rate = sound.sampleRate;
    const [first, end] = [Math.round(this.loop.from * rate), Math.round(this.loop.to * rate)];
    const samples = new Float32Array(end - first);
    samples.set(sound.getChannelData(0).subarray(first, end));
    const edge = Math.round(EDGE_SECONDS * rate);
    for (let index = 0; index < edge; index++) {
      const gain = 0.5 - 0.5 * Math.cos((Math.PI * index) / edge);
      samples[index] *= gain;
      samples[samples.length - 1 - index] *= gain;
    }
    const buffer = new AudioBuffer({ length: samples.length, sampleRate: rate });
    buffer.copyToChannel(samples, 0);
    return buffer;
  }

  #fade(gain, value) {
    const time = this.context.currentTime;
    gain.cancelScheduledValues(time);
    gain.setValueAtTime(gain.value, time);
    gain.linearRampToValueAtTime(value, time + SWITCH_SECONDS);
  }
}
