// SVG pieces that every explorer draws with.

import { color, fontSize, formatNumber, textColor } from "./numbers.js";

/** A new SVG element with attributes and children. */
export function svgElement(name, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  setAttributes(node, attributes);
  node.append(...children);
  return node;
}

/** A new HTML element with attributes and children. */
export function htmlElement(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  setAttributes(node, attributes);
  node.append(...children);
  return node;
}

/** Sets attributes; null removes one. Untouched where nothing changes, so that the browser need not draw again. */
export function setAttributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null) node.removeAttribute(name);
    else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
  }
}

export function setText(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

/** One line of text whose vertical middle is at y. */
export function textAt(words, x, y, size, attributes = {}) {
  return svgElement(
    "text",
    { x, y: y + 0.35 * size, "font-size": size, "text-anchor": "middle", ...attributes },
    words,
  );
}

/** A cell with a number on its colour: the node and the way to change it. */
export class NumberCell {
  constructor(x, y, width, height, attributes = {}) {
    Object.assign(this, { x, y, width, height });
    this.rect = svgElement("rect", { x, y, width, height, class: "cell" });
    this.label = svgElement("text", { x: x + width / 2, "text-anchor": "middle" });
    this.node = svgElement("g", attributes, this.rect, this.label);
  }

  show(value, scale, signed, { middle = this.y + this.height / 2, largestFont = 0.42 * this.height } = {}) {
    const fill = color(value, scale, signed);
    const words = formatNumber(value);
    const size = Math.min(largestFont, fontSize(this.width, this.height, words));
    setAttributes(this.rect, { fill, class: "cell" });
    setAttributes(this.label, { fill: textColor(fill), "font-size": size, y: middle + 0.35 * size });
    setText(this.label, words);
  }

  /** Shows the empty place of a value that is not there yet. */
  cover() {
    setAttributes(this.rect, { fill: "none", class: "cell covered" });
    setText(this.label, "");
  }
}

/** A frame that stands out on any colour: black between white lines, so far `inside` the edge of its place. */
export class Frame {
  constructor(width = 2.5, inside = 1) {
    this.inside = inside;
    this.white = svgElement("rect", { fill: "none", stroke: "#ffffff", "stroke-width": width + 2 });
    this.black = svgElement("rect", { fill: "none", stroke: "#000000", "stroke-width": width });
    this.node = svgElement("g", { class: "frame", "pointer-events": "none" }, this.white, this.black);
  }

  place(x, y, width, height) {
    const [left, top] = [x + this.inside, y + this.inside];
    const place = { x: left, y: top, width: width - 2 * this.inside, height: height - 2 * this.inside };
    setAttributes(this.white, place);
    setAttributes(this.black, place);
  }
}

export function range(count) {
  return Array.from({ length: count }, (_, i) => i);
}

export function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}
