// A grid of numbers to type into: one stop of the Tab key, arrow keys inside, and what is no number is refused.

import { clamp, htmlElement, range, setText } from "./drawing.js";
import { color, commonFontSize, fontSize, formatNumber, parseNumber, textColor, whyRefused } from "./numbers.js";

const DRAG_STARTS = 4; // pixels
const DRAG_PIXELS = 8; // a step
const STEP = 0.1; // of dragging and of Shift with an arrow …
const BIG_STEP = 1; // … and with Ctrl held as well

/**
 * Text fields on signed colours. `onEdit(values)` is called with each number typed, dragged or stepped.
 *
 * name: what an entry is, such as "weight". `node` is the grid, `complaint` the place for a refusal's sentence.
 * `turned` shows it rotated by 180°, each number upright.
 */
export class EditableGrid {
  #onEdit;
  #name;
  #values = [[0]];
  #begun = 0; // the value of the field that is being typed into, before that
  #fields = [];
  #cell = 0;

  constructor(name, onEdit) {
    [this.#name, this.#onEdit] = [name, onEdit];
    this.turned = false;
    this.node = htmlElement("div", { class: "editable", role: "group" });
    this.complaint = htmlElement("div", { class: "complaint", role: "alert" });
  }

  /** Makes fields for a shape; `cell` is the side of one in pixels. */
  build(label, rows, columns, cell) {
    this.#cell = cell;
    this.#fields = range(rows).map((row) => range(columns).map((column) => this.#makeField(row, column)));
    this.#fields[0][0].tabIndex = 0;
    this.node.setAttribute("aria-label", `${label}, ${rows} rows, ${columns} columns`);
    const size = { width: `${columns * cell}px`, height: `${rows * cell}px` };
    Object.assign(this.node.style, { ...size, gridTemplateColumns: `repeat(${columns}, 1fr)` });
    this.node.replaceChildren(...this.#fields.flat());
  }

  /** Whether a reader is in the middle of a number, so that the fields must stay. */
  get inUse() {
    return this.#fields.flat().some((field) => field.dataset.typing || field.dataset.dragging);
  }

  show(values, scale, turned = false) {
    this.#values = values;
    this.turned = turned;
    this.node.classList.toggle("turned", turned);
    const size = commonFontSize(this.#cell - 2, this.#cell - 2, values.flat().map(formatNumber));
    this.#fields.forEach((fields, row) => {
      fields.forEach((field, column) => {
        const value = values[row][column];
        const fill = color(value, scale, true);
        const own = Math.min(size, fontSize(this.#cell - 2, this.#cell - 2, formatNumber(value)));
        Object.assign(field.style, { backgroundColor: fill, color: textColor(fill), fontSize: `${own}px` });
        if (field !== document.activeElement || !field.dataset.typing) field.value = formatNumber(value);
      });
    });
  }

  /** Marks one entry, counted row by row as shown; −1 marks none. */
  mark(index) {
    const fields = this.#fields.flat();
    const marked = this.turned ? fields.length - 1 - index : index;
    for (const [i, field] of fields.entries()) field.classList.toggle("current", index >= 0 && i === marked);
  }

  #makeField(row, column) {
    // No inputmode: an iPhone's keyboard for decimals has neither a minus nor a slash.
    const attributes = { type: "text", autocomplete: "off", spellcheck: "false", tabindex: -1 };
    const label = `${this.#name} in row ${row}, column ${column}`;
    const part = `${this.#name}-${row}-${column}`;
    const field = htmlElement("input", { ...attributes, "aria-label": label, "data-part": part });
    field.addEventListener("focus", () => {
      for (const other of this.#fields.flat()) other.tabIndex = other === field ? 0 : -1;
      field.select();
    });
    field.addEventListener("input", () => this.#typed(field, row, column));
    field.addEventListener("blur", () => this.#settle(field, row, column));
    field.addEventListener("keydown", (event) => this.#key(event, field, row, column));
    this.#listenToDrag(field, row, column);
    return field;
  }

  /** Takes a number at once; keeps the last one while what stands there is none. */
  #typed(field, row, column) {
    if (!field.dataset.typing) this.#begun = this.#values[row][column];
    field.dataset.typing = "yes";
    const value = parseNumber(field.value);
    const isTaken = Number.isFinite(value);
    field.setAttribute("aria-invalid", !isTaken);
    if (isTaken) this.#set(row, column, value);
  }

  #set(row, column, value) {
    setText(this.complaint, "");
    this.#values = this.#values.map((line) => [...line]);
    this.#values[row][column] = value;
    this.#onEdit(this.#values);
  }

  /** When the field is left: the number stands as the others do, and what is no number is refused. */
  #settle(field, row, column) {
    if (!field.dataset.typing) return;
    delete field.dataset.typing;
    field.removeAttribute("aria-invalid");
    const kept = formatNumber(this.#values[row][column]);
    const value = parseNumber(field.value);
    const sentence = `“${field.value.trim()}” ${whyRefused(value)}, so this ${this.#name} stays ${kept}. Numbers such as −2, 0.5 or 1/9 work.`;
    setText(this.complaint, Number.isFinite(value) ? "" : sentence);
    field.value = kept;
  }

  #key(event, field, row, column) {
    const turn = this.turned ? -1 : 1; // arrows go where the eye goes
    const whole = field.selectionStart === 0 && field.selectionEnd === field.value.length;
    const sideways = whole && { ArrowLeft: [0, -turn], ArrowRight: [0, turn] };
    const moves = { ArrowUp: [-turn, 0], ArrowDown: [turn, 0], ...sideways };
    const steps = { ArrowUp: 1, ArrowDown: -1 };
    if (event.shiftKey && event.key in steps) {
      this.#step(field, row, column, steps[event.key] * (event.ctrlKey ? BIG_STEP : STEP));
    } else if (event.key === "Enter") {
      this.#settle(field, row, column);
      field.select();
    } else if (event.key === "Escape") {
      if (field.dataset.typing) this.#set(row, column, this.#begun);
      field.value = formatNumber(this.#values[row][column]);
      this.#settle(field, row, column);
      field.select();
    } else if (event.key in moves) {
      const [down, right] = moves[event.key];
      const [rows, columns] = [this.#fields.length, this.#fields[0].length];
      this.#fields[clamp(row + down, 0, rows - 1)][clamp(column + right, 0, columns - 1)].focus();
    } else return;
    event.preventDefault();
  }

  #step(field, row, column, by, from = this.#values[row][column]) {
    this.#settle(field, row, column);
    this.#set(row, column, Math.fround(Number((from + by).toFixed(4))));
    if (field === document.activeElement) field.select(); // it would focus the field, and call a tablet's keyboard
  }

  /** A field dragged up or down changes its number. */
  #listenToDrag(field, row, column) {
    let drag = null;
    field.addEventListener("pointerdown", (event) => {
      if (event.button === 0) drag = { y: event.clientY, from: this.#values[row][column], steps: 0, moved: false };
    });
    field.addEventListener("pointermove", (event) => {
      if (!drag) return;
      const up = drag.y - event.clientY;
      if (!drag.moved && Math.abs(up) < DRAG_STARTS) return;
      field.dataset.dragging = "yes";
      if (!drag.moved) field.setPointerCapture(event.pointerId);
      const steps = Math.round(up / DRAG_PIXELS);
      if (steps !== drag.steps) this.#step(field, row, column, steps * STEP, drag.from);
      Object.assign(drag, { moved: true, steps });
      event.preventDefault();
    });
    field.addEventListener("dragstart", (event) => event.preventDefault()); // of the selected text
    for (const end of ["pointerup", "pointercancel"]) {
      field.addEventListener(end, () => {
        drag = null;
        delete field.dataset.dragging;
      });
    }
  }
}
