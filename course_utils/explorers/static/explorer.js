// What every explorer's front end needs besides drawing: controls, the live text, and a link to Python.

import { htmlElement, setText } from "./drawing.js";

const ANNOUNCE_AFTER = 350; // ms of rest, so that hovering does not flood a screen reader
const SEND_AFTER = 120; // ms of rest, so that hovering does not flood the kernel

export function button(words, onClick, attributes = {}) {
  const node = htmlElement("button", { type: "button", ...attributes }, words);
  node.addEventListener("click", onClick);
  return node;
}

/** A labelled range input; `onInput` gets its number. */
export function slider(words, onInput, attributes = {}) {
  const input = htmlElement("input", { type: "range", min: 0, value: 0, ...attributes });
  input.addEventListener("input", () => onInput(Number(input.value)));
  const value = htmlElement("span", { class: "value", "aria-hidden": "true" });
  return { node: htmlElement("label", { class: "slider" }, htmlElement("span", {}, words), input, value), input, value };
}

/** Radio buttons in a row; `choices` maps values to words. */
export function choice(legend, name, choices, onChoose) {
  const inputs = {};
  const labels = Object.entries(choices).map(([value, words]) => {
    inputs[value] = htmlElement("input", { type: "radio", name, value });
    inputs[value].addEventListener("change", () => onChoose(value));
    return htmlElement("label", {}, inputs[value], htmlElement("span", {}, words));
  });
  return { node: htmlElement("div", { role: "radiogroup", "aria-label": legend, class: "choice" }, ...labels), inputs };
}

/** A text that screen readers speak when it has come to rest. */
export class Announcer {
  #timer = 0;

  constructor() {
    this.node = htmlElement("div", { class: "for-screen-readers", role: "status", "aria-live": "polite" });
  }

  say(words) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => setText(this.node, words), ANNOUNCE_AFTER);
  }

  remove() {
    clearTimeout(this.#timer);
  }
}

/**
 * The model in Python: values come and go; a dead kernel is no reason to stop.
 *
 * Values wait here until they have come to rest, and only then are set and saved together: what is set but not saved
 * would be undone by the kernel's echo of the value saved before.
 */
export class Link {
  #waiting = {};
  #timer = 0;
  #listeners = [];

  constructor(model) {
    this.model = model;
  }

  get(name) {
    return this.#waiting[name] ?? this.model.get(name);
  }

  onChange(name, listener) {
    this.model.on(`change:${name}`, listener);
    this.#listeners.push([`change:${name}`, listener]);
  }

  send(values) {
    Object.assign(this.#waiting, values);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#flush(), SEND_AFTER);
  }

  #flush() {
    for (const [name, value] of Object.entries(this.#waiting)) this.model.set(name, value);
    this.#waiting = {};
    try {
      this.model.save_changes();
    } catch {
      // The kernel is gone: the picture goes on without it.
    }
  }

  remove() {
    clearTimeout(this.#timer);
    for (const [event, listener] of this.#listeners) this.model.off(event, listener);
  }
}

/**
 * Hides the still picture that Python displays after each explorer, for as long as the explorer itself is there.
 * Where it is not (a saved notebook opened anew), the picture stays.
 */
export function hiddenStill(name) {
  return htmlElement("style", {}, `.${name}, .jp-OutputArea-child:has(.${name}) { display: none; }`);
}

export function prefersReducedMotion() {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** An id that no other explorer on the page has. */
export function freshId() {
  return `explorer-${Math.random().toString(36).slice(2)}`;
}
