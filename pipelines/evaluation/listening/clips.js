// Sounds of the trials: every one is a script that calls `clip`, since files opened from a disk cannot be fetched.

const arriving = new Map();

function clip(name, content) {
  arriving.get(name)?.(content);
}

class Clips {
  constructor(context) {
    this.context = context;
    this.decoded = new Map(); // promises of AudioBuffers by name
  }

  // Map of the AudioBuffers of a trial. Those of the next trial are loaded in advance, others are forgotten.
  async load(trial, following) {
    const names = namesOf(trial);
    const needed = new Set([...names, ...namesOf(following)]);
    this.decoded = new Map([...this.decoded].filter(([name]) => needed.has(name)));
    const buffers = await Promise.all(names.map((name) => this.#get(name)));
    for (const name of needed) this.#get(name).catch(() => {}); // reported when it is the trial's turn
    return new Map(names.map((name, index) => [name, buffers[index]]));
  }

  #get(name) {
    if (!this.decoded.has(name)) {
      const promise = this.#fetch(name);
      promise.catch(() => this.decoded.delete(name));
      this.decoded.set(name, promise);
    }
    return this.decoded.get(name);
  }

  async #fetch(name) {
    const content = await runScript(name);
    const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
    return this.context.decodeAudioData(bytes.buffer);
  }
}

function namesOf(trial) {
  return trial ? [...trial.references, ...trial.order] : [];
}

function runScript(name) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    arriving.set(name, resolve);
    script.src = `clips/${name}.js`;
    script.onload = () => script.remove();
    script.onerror = () => {
      script.remove();
      reject(new Error(`clips/${name}.js cannot be loaded`));
    };
    document.head.append(script);
  });
}
