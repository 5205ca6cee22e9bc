// Names of grids, and the scales of their colours: printed, and kept until the reader asks for others.

import { button } from "./controls.js";
import { htmlElement, setText, svgElement } from "./drawing.js";
import { formatNumber, SIGNED } from "./numbers.js";

/** The name of a grid and, more quietly, its size; its baseline is a little above y. */
export function caption(name, size, x, y) {
  const words = svgElement("text", { x, y: y - 7, class: "caption" }, name);
  words.append(svgElement("tspan", { class: "size", dx: 6 }, size));
  return words;
}

/**
 * The magnitude that gets the full colour, by name. The first values set the scales; later ones only change them when
 * the reader presses the button. `node` prints them beside the colours, and says of which numbers the colour is cut off.
 */
export class Scales {
  #scales = {};
  #wanted = {};
  #signed = {};

  /** onFit(): the scales have changed; draw. */
  constructor(onFit) {
    this.words = htmlElement("span", { class: "scales" });
    this.fitButton = button("Fit colours", () => {
      this.#scales = { ...this.#wanted };
      this.#print();
      onFit();
    });
    const stops = SIGNED.map((rgb) => `rgb(${rgb})`).join(", ");
    const bar = htmlElement("i", { class: "colour-bar", style: `background: linear-gradient(to right, ${stops})` });
    const meaning = { class: "meaning", title: "blue is negative, white is zero, orange is positive" };
    const legend = htmlElement("span", meaning, "−", bar, "+");
    this.node = htmlElement("span", { class: "legend" }, legend, this.words, this.fitButton);
  }

  /** Tells the largest magnitudes, such as {image: 9, kernel: 3}, and which of the names are grey pictures. */
  offer(wanted, grey = []) {
    this.#wanted = wanted;
    this.#signed = Object.fromEntries(Object.keys(wanted).map((name) => [name, !grey.includes(name)]));
    this.#scales = { ...wanted, ...this.#scales };
    this.#print();
  }

  of(name) {
    return this.#scales[name];
  }

  #print() {
    const text = ([name, wanted]) => {
      const scale = this.#scales[name];
      const range = this.#signed[name] ? `±${formatNumber(scale)}` : `0 to ${formatNumber(scale)}`;
      const beyond = wanted > scale * (1 + 1e-6) ? ` (cut off: up to ${formatNumber(wanted)})` : "";
      return `${name} ${range}${beyond}`;
    };
    setText(this.words, `${Object.entries(this.#wanted).map(text).join(" · ")}`);
    this.fitButton.disabled = Object.entries(this.#wanted).every(([name, wanted]) => wanted === this.#scales[name]);
  }
}
