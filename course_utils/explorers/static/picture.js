// A picture as pixels on a canvas, with one frame that marks a piece of it.

import { Frame, htmlElement, setAttributes, svgElement } from "./drawing.js";
import { color } from "./numbers.js";

const SHADES = 512; // an even number: zero has a shade of its own

/**
 * A picture of [H, W] pixels, as large as fits into a square of `side`, or with a `pixel` of [width, height]; a keyboard
 * stop to listen to.
 */
export class PictureView {
  #context;
  #palettes = {};

  constructor({ part, label, shape: [rows, columns], side, pixel }) {
    Object.assign(this, { rows, columns });
    this.pixel = pixel ?? [side / Math.max(rows, columns), side / Math.max(rows, columns)];
    const [width, height] = [columns * this.pixel[0], rows * this.pixel[1]];
    const canvas = htmlElement("canvas", { width: columns, height: rows });
    this.#context = canvas.getContext("2d");
    this.frame = new Frame(1.5);
    const over = svgElement("svg", { width, height, "aria-hidden": "true" }, this.frame.node);
    this.node = htmlElement("div", { class: "picture", role: "img", tabindex: 0, "data-part": part }, canvas, over);
    this.label = `${label}, ${rows} rows, ${columns} columns; arrow keys move the place`;
    setAttributes(this.node, { "aria-label": this.label, style: `width: ${width}px; height: ${height}px` });
  }

  /** Shows numbers in row-major order; `signed` as everywhere: zero is white, blue negative, orange positive. */
  show(values, scale, signed) {
    const palette = this.#palette(signed);
    const image = this.#context.createImageData(this.columns, this.rows);
    const shades = new Uint32Array(image.data.buffer);
    const [factor, zero] = signed ? [SHADES / 2 / scale, SHADES / 2] : [SHADES / scale, 0];
    for (let i = 0; i < shades.length; i++) {
      const shade = Math.round(values[i] * factor) + zero;
      shades[i] = palette[shade < 0 ? 0 : shade > SHADES ? SHADES : shade];
    }
    this.#context.putImageData(image, 0, 0);
  }

  mark(row, column, height = 1, width = 1) {
    const [x, y] = [column * this.pixel[0], row * this.pixel[1]];
    const [wide, high] = [width * this.pixel[0], height * this.pixel[1]];
    const [more, taller] = [Math.max(0, 5 - wide), Math.max(0, 5 - high)]; // one pixel's frame must be seen
    this.frame.place(x - more / 2, y - taller / 2, wide + more, high + taller);
  }

  /** The pixel under a pointer as [row, column], or null. */
  cellAt({ clientX, clientY }) {
    const { left, top } = this.node.getBoundingClientRect();
    const [row, column] = [(clientY - top) / this.pixel[1], (clientX - left) / this.pixel[0]].map(Math.floor);
    return row >= 0 && row < this.rows && column >= 0 && column < this.columns ? [row, column] : null;
  }

  #palette(signed) {
    this.#palettes[signed] ??= Uint32Array.from({ length: SHADES + 1 }, (_, i) => {
      const fill = color(i - SHADES / 2, SHADES / 2, true);
      const grey = Math.round((i / SHADES) * 255);
      const channels = [1, 3, 5].map((at) => Number.parseInt(fill.slice(at, at + 2), 16));
      const [red, green, blue] = signed ? channels : [grey, grey, grey];
      return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
    });
    return this.#palettes[signed];
  }
}
