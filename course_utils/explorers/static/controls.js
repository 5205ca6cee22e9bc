// Buttons, sliders and choices, each with the name that a screen reader speaks.

import { htmlElement, setAttributes, setText } from "./drawing.js";

export function button(words, onClick, attributes = {}) {
  const node = htmlElement("button", { type: "button", ...attributes }, words);
  node.addEventListener("click", onClick);
  return node;
}

/** A labelled range input; `onInput` gets its number. `show` moves it without calling `onInput`. */
export class Slider {
  constructor(words, onInput, attributes = {}) {
    this.input = htmlElement("input", { type: "range", min: 0, value: 0, ...attributes });
    this.input.addEventListener("input", () => onInput(Number(this.input.value)));
    this.value = htmlElement("span", { class: "value", "aria-hidden": "true" });
    this.node = htmlElement("label", { class: "slider" }, htmlElement("span", {}, words), this.input, this.value);
  }

  show(number, words = String(number), spoken = words) {
    if (this.input.value !== String(number)) this.input.value = number;
    setText(this.value, words);
    setAttributes(this.input, { "aria-valuetext": spoken });
  }

  limit(max, min = 0) {
    setAttributes(this.input, { min, max });
  }
}

/** Radio buttons in a row; `choices` maps values to words. */
export class Choice {
  constructor(legend, name, choices, onChoose) {
    this.inputs = {};
    const labels = Object.entries(choices).map(([value, words]) => {
      this.inputs[value] = htmlElement("input", { type: "radio", name, value });
      this.inputs[value].addEventListener("change", () => onChoose(value));
      return htmlElement("label", {}, this.inputs[value], htmlElement("span", {}, words));
    });
    this.node = htmlElement("div", { role: "radiogroup", "aria-label": legend, class: "choice" }, ...labels);
  }

  show(chosen) {
    for (const [value, input] of Object.entries(this.inputs)) input.checked = value === chosen;
  }
}

/** A drop-down list; `choices` maps values to words. */
export class Select {
  constructor(words, choices, onChoose) {
    this.input = htmlElement("select");
    this.input.addEventListener("change", () => onChoose(this.input.value));
    this.node = htmlElement("label", { class: "select" }, htmlElement("span", {}, words), this.input);
    this.offer(choices);
  }

  offer(choices) {
    this.input.replaceChildren(
      ...Object.entries(choices).map(([value, name]) => htmlElement("option", { value }, name)),
    );
  }
}

/** Controls in one line, which wraps where it must. */
export function line(...controls) {
  return htmlElement("div", { class: "line" }, ...controls);
}

export function hint(words) {
  return htmlElement("div", { class: "hint" }, words);
}
