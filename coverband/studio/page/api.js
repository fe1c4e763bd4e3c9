// Requests to the Studio. A refusal is an Error with one sentence.

import { text } from "./text.js";

export function path(...parts) {
  return `/api/${parts.map((part) => encodeURIComponent(part)).join("/")}`;
}

export async function get(...parts) {
  return answer(await fetch(path(...parts)).catch(offline));
}

export async function post(parts, values = {}) {
  return send("POST", parts, values);
}

export async function patch(parts, values) {
  return send("PATCH", parts, values);
}

export async function remove(...parts) {
  return answer(await fetch(path(...parts), { method: "DELETE" }).catch(offline));
}

async function send(method, parts, values) {
  const headers = { "Content-Type": "application/json" };
  return answer(await fetch(path(...parts), { method, headers, body: JSON.stringify(values) }).catch(offline));
}

export async function put(parts, file) {
  return answer(await fetch(path(...parts), { method: "PUT", headers: { "Content-Type": "application/octet-stream" }, body: file }).catch(offline));
}

function offline() {
  throw new Error(text.offline);
}

async function answer(response) {
  const values = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(text.sentence(values.error ?? response.statusText));
  return values;
}
