// Elements of the page, and updates that leave alone what has not changed.

const SVG = "http://www.w3.org/2000/svg";

// An element: el("button", { class: "main", onclick: start }, "Start"). False and null children are left out.
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== false && child !== undefined));
  return node;
}

export function icon(path, box = "0 0 24 24") {
  const node = document.createElementNS(SVG, "svg");
  node.setAttribute("viewBox", box);
  node.setAttribute("class", "icon");
  node.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  node.append(line);
  return node;
}

export const ICONS = {
  note: "M9 18V5l11-2v13M9 18a3 3 0 1 1-6 0 3 3 0 0 1 6 0Zm11-2a3 3 0 1 1-6 0 3 3 0 0 1 6 0Z",
  bars: "M3 10v4M7.5 6v12M12 3v18M16.5 7v10M21 10v4",
  tick: "M5 12.5l5 5L19.5 7",
  warn: "M12 4 2.5 20h19L12 4Zm0 6v5m0 2.2v.3",
};

// Fills a container anew only if the data have changed; keeps the focus on the control with the same name.
export function fill(container, data, build) {
  const key = JSON.stringify(data);
  if (container.dataset.key === key) return false;
  container.dataset.key = key;
  const focused = container.contains(document.activeElement) ? document.activeElement : null;
  const name = focused && (focused.getAttribute("aria-label") || focused.textContent);
  const open = new Set([...container.querySelectorAll("details[open]")].map((each) => each.dataset.name));
  container.replaceChildren(...[build(data)].flat(Infinity).filter(Boolean));
  for (const each of container.querySelectorAll("details")) if (open.has(each.dataset.name)) each.open = true;
  if (name) {
    const controls = [...container.querySelectorAll("button, a, input, select, summary")];
    controls.find((each) => (each.getAttribute("aria-label") || each.textContent) === name)?.focus();
  }
  return true;
}

// One child for each item, by its name; the others keep their controls when one changes.
export function fillEach(parent, items, build, tag = "div") {
  const present = new Map([...parent.children].map((node) => [node.dataset.item, node]));
  const nodes = items.map((item) => {
    const node = present.get(item.name) ?? el(tag, { "data-item": item.name });
    fill(node, item, build);
    return node;
  });
  if (nodes.length !== parent.children.length || nodes.some((node, index) => node !== parent.children[index])) parent.replaceChildren(...nodes);
}

export function field(label, control, hint = null) {
  return el("label", { class: "field" }, el("span", { class: "label" }, label), control, hint && el("span", { class: "muted small" }, hint));
}

export function pill(words, kind) {
  return el("span", { class: `pill ${kind}` }, words);
}

// A progress bar; without a fraction it shows only that something happens.
export function bar(fraction, label) {
  const node = el("progress", { max: 1, "aria-label": label });
  if (fraction !== null && fraction !== undefined) node.value = fraction;
  return node;
}

// A slider with its value in words.
export function slider(label, { min, max, step, value, words, ends, name }) {
  const output = el("output", {}, words(value));
  const input = el("input", { type: "range", min, max, step, name, value, "aria-valuetext": words(value) });
  input.addEventListener("input", () => {
    output.textContent = words(Number(input.value));
    input.setAttribute("aria-valuetext", output.textContent);
  });
  const node = el("label", { class: "field slider" }, el("span", { class: "label" }, label, " ", output), input,
    el("span", { class: "ends muted small", "aria-hidden": "true" }, ends.map((end) => el("span", {}, end))));
  return { node, input };
}

export function link(...parts) {
  return `#/${parts.map(encodeURIComponent).join("/")}`;
}
