// A position that several grids share: hover, drag, click to pin, touch, arrow keys, sliders.

import { button, Slider } from "./controls.js";
import { clamp, setAttributes } from "./drawing.js";

/**
 * Where the reader is: `row` and `column`, always inside, and `pinned`, when hovering does not move it.
 *
 * onMove(): the position or the pin has changed by hand; draw. onTake(): a hand takes over; stop what moves by itself.
 * isBusy(): something moves by itself, so hovering does nothing.
 * `controls` are sliders for row and column and the button to pin.
 */
export class Cursor {
  #onMove;
  #onTake;
  #isBusy;

  constructor({ row = 0, column = 0, onMove, onTake = () => {}, isBusy = () => false }) {
    Object.assign(this, { row, column, rows: 1, columns: 1, pinned: false });
    [this.#onMove, this.#onTake, this.#isBusy] = [onMove, onTake, isBusy];
    this.rowSlider = new Slider("Row", (row) => this.#take(row, this.column));
    this.columnSlider = new Slider("Column", (column) => this.#take(this.row, column));
    this.pinButton = button("Pin", () => this.pin(!this.pinned), { "aria-pressed": "false" });
    this.controls = [this.rowSlider.node, this.columnSlider.node, this.pinButton];
  }

  /** How many positions there are. */
  resize(rows, columns) {
    Object.assign(this, { rows, columns });
    this.rowSlider.limit(rows - 1);
    this.columnSlider.limit(columns - 1);
    this.place(this.row, this.column);
  }

  /** Puts it somewhere without telling; beyond the border it stops at the border. */
  place(row, column) {
    this.row = clamp(row, 0, this.rows - 1);
    this.column = clamp(column, 0, this.columns - 1);
  }

  moveTo(row, column) {
    this.place(row, column);
    this.#onMove();
  }

  pin(pinned) {
    this.#onTake();
    this.pinned = pinned;
    this.#onMove();
  }

  /** Shows the position in the controls. */
  show() {
    this.rowSlider.show(this.row);
    this.columnSlider.show(this.column);
    setAttributes(this.pinButton, { "aria-pressed": this.pinned });
  }

  /**
   * Lets a grid be hovered, dragged, clicked and used by keys. A grid has a `node` and `cellAt(event)`, [row, column]
   * or null; `positionOf` maps its cells to positions.
   */
  listen(grid, positionOf = (row, column) => [row, column]) {
    let drag = null; // while a button or finger is down: where it went down, and whether it has moved on
    grid.node.addEventListener("pointermove", (event) => {
      const cell = grid.cellAt(event);
      if (!cell) return;
      if (drag && String(cell) !== String(drag.from)) drag.moved = true;
      const follows = drag?.moved || (!drag && !this.pinned && !this.#isBusy());
      if (follows && (drag || event.pointerType !== "touch")) this.moveTo(...positionOf(...cell));
    });
    // A finger on it drags the place, not the page: touch-action would say so, but not for a part of an SVG.
    grid.node.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
    grid.node.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      drag = { from: grid.cellAt(event), moved: false };
      grid.node.setPointerCapture(event.pointerId);
      grid.node.focus({ preventScroll: true });
      event.preventDefault(); // no text selection while dragging
      this.#onTake();
    });
    grid.node.addEventListener("pointerup", (event) => {
      if (!drag) return;
      const { from, moved } = drag;
      drag = null;
      const letsGo = this.pinned && !moved && event.pointerType !== "touch";
      this.pinned = !letsGo;
      if (from && !moved) this.moveTo(...positionOf(...from));
      else this.#onMove();
    });
    grid.node.addEventListener("pointercancel", () => {
      drag = null;
    });
    grid.node.addEventListener("keydown", (event) => this.#key(event));
  }

  #take(row, column) {
    this.#onTake();
    this.pinned = true;
    this.moveTo(row, column);
  }

  #key(event) {
    const { row, column } = this;
    const [lastRow, lastColumn] = [this.rows - 1, this.columns - 1];
    const moves = {
      ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column],
      ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1],
      Home: [event.ctrlKey ? 0 : row, 0],
      End: [event.ctrlKey ? lastRow : row, lastColumn],
      PageUp: [0, column],
      PageDown: [lastRow, column],
    };
    if (event.key in moves) this.#take(...moves[event.key]);
    else if (event.key === "Enter" || event.key === " ") this.pin(!this.pinned);
    else if (event.key === "Escape") this.pin(false);
    else return;
    event.preventDefault();
  }
}
