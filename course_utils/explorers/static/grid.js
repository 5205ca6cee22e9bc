// A grid of numbers: what it shows, which piece of it is marked, and which cell a pointer is on.

import { Frame, NumberCell, range, setAttributes, svgElement, textAt } from "./drawing.js";
import { commonFontSize, formatNumber } from "./numbers.js";

/**
 * A grid of numbers with numbered rows and columns and one frame, which marks a piece of it.
 * It is a keyboard stop and an ARIA grid whose active cell is the top-left one of the frame.
 */
export class NumberGrid {
  constructor({ id, label, part, rows, columns, x, y, cell }) {
    Object.assign(this, { id, rows, columns, x, y, cell });
    this.cells = [];
    this.node = svgElement("g", { role: "grid", tabindex: 0, "aria-label": label, class: "grid", "data-part": part });
    this.columnNames = range(columns).map((c) =>
      textAt(String(c), x + (c + 0.5) * cell, y - 9, 10, { class: "index" }),
    );
    this.rowNames = range(rows).map((r) => textAt(String(r), x - 10, y + (r + 0.5) * cell, 10, { class: "index" }));
    const names = svgElement("g", { "aria-hidden": "true" }, ...this.columnNames, ...this.rowNames);
    const body = range(rows).map((row) => svgElement("g", { role: "row" }, ...this.#row(row)));
    this.frame = new Frame(2, 0);
    const ring = { x: x - 4, y: y - 4, width: columns * cell + 8, height: rows * cell + 8, rx: 4, class: "focus-ring" };
    this.node.append(names, svgElement("rect", ring), ...body, this.frame.node);
  }

  #row(row) {
    const { id, x, y, cell } = this;
    const cells = range(this.columns).map(
      (c) => new NumberCell(x + c * cell, y + row * cell, cell, cell, { role: "gridcell", id: `${id}-${row}-${c}` }),
    );
    this.cells.push(cells);
    return cells.map((one) => one.node);
  }

  /** Shows values; those for which `hidden(row, column)` holds stay covered. */
  show(values, scale, signed, hidden = () => false) {
    const largestFont = commonFontSize(this.cell, this.cell, values.flat().map(formatNumber));
    this.cells.forEach((cells, row) => {
      cells.forEach((cell, column) => {
        if (hidden(row, column)) cell.cover();
        else cell.show(values[row][column], scale, signed, { largestFont });
      });
    });
  }

  /** Frames the piece at (row, column), and makes its first cell the active one for screen readers. */
  mark(row, column, height = 1, width = 1) {
    const { x, y, cell } = this;
    this.frame.place(x + column * cell, y + row * cell, width * cell, height * cell);
    setAttributes(this.node, { "aria-activedescendant": `${this.id}-${row}-${column}` });
    const name = (names, from, count) => {
      for (const [i, node] of names.entries()) node.classList.toggle("marked", i >= from && i < from + count);
    };
    name(this.rowNames, row, height);
    name(this.columnNames, column, width);
  }

  /** The cell under a pointer as [row, column], or null. */
  cellAt({ clientX, clientY }) {
    const { left, top } = this.node.ownerSVGElement.getBoundingClientRect();
    const [row, column] = [(clientY - top - this.y) / this.cell, (clientX - left - this.x) / this.cell].map(Math.floor);
    return row >= 0 && row < this.rows && column >= 0 && column < this.columns ? [row, column] : null;
  }
}
