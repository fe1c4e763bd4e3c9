// Worker that translates clips: it is given its material once, and then one clip after the other.

import { positionNoise } from "./noise.js";
import { Translator } from "./translation.js";

let translator = null;

self.onmessage = async ({ data }) => {
  try {
    if (data.material) translator = await load(data.material);
    const found = data.clip ? await translate(data) : { loaded: true };
    postMessage(found, found.cover ? found.cover.map((channel) => channel.buffer) : []);
  } catch (error) {
    postMessage({ error: error.message ?? String(error) });
  }
};

async function translate({ clip, strength, closeness }) {
  const began = performance.now();
  const progress = (fraction) => postMessage({ fraction });
  const cover = await translator.translate(clip, strength, closeness, progress);
  return { cover, seconds: (performance.now() - began) / 1000 };
}

async function load({ settings, files }) {
  const [script, program, network, tables] = await Promise.all(
    ["runtime", "wasm", "network", "tables"].map((name) => unpacked(files[name])),
  );
  // A file's address is resolved against the script's own, which fails for a blob's, though the file is never loaded.
  const text = new TextDecoder().decode(script).replaceAll("import.meta.url", '"page:///"');
  const runtime = await import(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
  // Pages that are opened from a disk have no shared memory, which threads need.
  runtime.env.logLevel = "error";
  Object.assign(runtime.env.wasm, { numThreads: 1, wasmBinary: program });
  const session = await runtime.InferenceSession.create(network, { executionProviders: ["wasm"] });
  return new Translator(settings, arrays(tables, settings.tables), networkOf(session, runtime.Tensor, settings));
}

function networkOf(session, Tensor, { bands, noise, inputs }) {
  return async (logMel, frames, first, closeness) => {
    const feeds = { [inputs.logMel]: new Tensor("float32", logMel, [1, frames, bands, 1]) };
    if (session.inputNames.includes(inputs.closeness)) {
      feeds[inputs.closeness] = new Tensor("float32", Float32Array.of(closeness), [1]);
    }
    for (const { name, channels, key } of noise) {
      feeds[name] = new Tensor("float32", positionNoise(first, frames, channels, key), [1, frames, channels]);
    }
    return (await session.run(feeds))[session.outputNames[0]].data;
  };
}

// Bytes of a file: gzip in base64.
async function unpacked(text) {
  const packed = atob(text);
  const bytes = new Uint8Array(packed.length);
  for (let n = 0; n < bytes.length; n++) bytes[n] = packed.charCodeAt(n);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// Float32Arrays by name, which lie one behind the other.
function arrays(bytes, sizes) {
  let position = 0;
  return Object.fromEntries(Object.entries(sizes).map(([name, size]) => {
    const found = new Float32Array(bytes.buffer, position, size);
    position += found.byteLength;
    return [name, found];
  }));
}
