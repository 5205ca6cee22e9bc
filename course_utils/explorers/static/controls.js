// Buttons, sliders and choices, each with the name that a screen reader speaks.

import { htmlElement, setAttributes, setText } from "./drawing.js";
import { parseNumber, whyRefused } from "./numbers.js";

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

/**
 * A whole number to slide or to type. `onInput` gets each one that is taken; `refuse(value)` is the sentence against a
 * number, or null; `onRefuse(sentence)` tells it, or takes it back with "".
 */
export class Dial {
  #words;
  #onInput;
  #onRefuse;
  #value = 0;

  constructor(words, { onInput, refuse, onRefuse }) {
    [this.#words, this.#onInput, this.#onRefuse] = [words, onInput, onRefuse];
    this.range = htmlElement("input", { type: "range", "aria-label": words, "data-part": words });
    this.range.addEventListener("input", () => this.#take(Number(this.range.value)));
    const label = `${words}, typed`;
    this.field = htmlElement("input", { type: "text", inputmode: "numeric", autocomplete: "off", "aria-label": label });
    this.field.addEventListener("focus", () => this.field.select());
    this.field.addEventListener("change", () => this.#typed(refuse));
    this.node = htmlElement("div", { class: "dial" }, htmlElement("span", {}, words), this.range, this.field);
  }

  show(value, min, max) {
    this.#value = value;
    setAttributes(this.range, { min, max });
    this.range.value = value;
    this.field.value = value;
  }

  #take(value) {
    this.#onRefuse("");
    this.#onInput(value);
  }

  #typed(refuse) {
    const value = parseNumber(this.field.value);
    const typed = this.field.value.trim();
    const why = Number.isInteger(value) ? refuse(value) : `“${typed}” ${whyRefused(value, "a whole number")}.`;
    if (why === null) return this.#take(value);
    this.field.value = this.#value;
    this.#onRefuse(`${why} So ${this.#words} stays ${this.#value}.`);
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
