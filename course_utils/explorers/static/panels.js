// Grids and pictures side by side, each under its name; the page lays them out, and wraps where the width ends.

import { htmlElement, setText, svgElement } from "./drawing.js";
import { NumberGrid } from "./grid.js";

const INDEX = 20; // room for the numbers of rows and columns …
const RING = 6; // … and for the focus ring

export function panels(...parts) {
  return htmlElement("div", { class: "panels" }, ...parts.map((part) => part.node ?? part));
}

/** Anything under a name, with its size beside the name more quietly; `resize(words)` changes that. */
export class Panel {
  constructor(name, size, ...content) {
    this.size = htmlElement("span", { class: "size" }, size);
    this.node = htmlElement(
      "div",
      { class: "named" },
      htmlElement("div", { class: "caption" }, name, this.size),
      ...content,
    );
  }

  resize(words) {
    setText(this.size, words);
  }
}

/** A number grid in a panel of its own: `panel.grid` is what to show numbers on and to listen to. */
export class GridPanel extends Panel {
  constructor({ id, part, name, rows, columns, cell }) {
    const label = `${name}, ${rows} rows, ${columns} columns`;
    const grid = new NumberGrid({ id: `${id}-${part}`, part, label, rows, columns, x: INDEX, y: INDEX, cell });
    const [width, height] = [INDEX + columns * cell + RING, INDEX + rows * cell + RING];
    super(name, `${rows} × ${columns}`, svgElement("svg", { width, height }, grid.node));
    this.grid = grid;
  }
}

/** The largest cell, from `most` down to `least` pixels, with which so many cells and other pixels fit into a width. */
export function cellFor(width, cells, others, most = 40, least = 22) {
  return Math.max(least, Math.min(most, Math.floor((width - others) / cells)));
}
