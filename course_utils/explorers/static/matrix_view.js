// The matrix view: one number of the response, its row of the Toeplitz matrix, its row of im2col and its patch, lit
// together; and the same matrix read downwards, which takes gradients from the response back to the picture.

import { Choice, hint, line } from "./controls.js";
import { correlate, equation, productsAt, sum } from "./convolution.js";
import { Cursor } from "./cursor.js";
import { clamp, htmlElement, range, setAttributes, setText, svgElement } from "./drawing.js";
import { EditableGrid } from "./editable_grid.js";
import { Explorer, widget } from "./explorer.js";
import { largest } from "./numbers.js";
import { GridPanel, Panel, panels } from "./panels.js";
import { PictureView } from "./picture.js";
import { Scales } from "./scales.js";

const GAP = 18; // between panels, as in matrix_view.css
const SIDE = 132; // of the picture, and of what stands beside it
const CELL = 22; // the smallest in which a number is legible
const CONTROLS = 166; // wide
const ROOMY = 3 * SIDE + 3 * GAP + CONTROLS + 10; // a page in which the controls stand beside the pictures
const NARROW = 480; // a page in which all stands below each other
const [STRIP, STRIP_GAP] = [14, 8]; // what the matrix is multiplied by, and what that gives, in one row or column
const MATRIX_HEIGHT = 140;
const THIN = 8; // pixels: what is lit is at least so wide and so high
const MOST_CELL = 16; // of a matrix
const TYPED = "input:not([type=radio], [type=checkbox], [type=range], [type=button]), textarea, select";
const POSITIONS = ["row", "column", "pixel_row", "pixel_column"];

/** T, (positions, pixels): T times the picture in one row is the valid response in one row. */
export function toeplitz(kernel, [height, width]) {
  const [rows, columns] = [height - kernel.length + 1, width - kernel[0].length + 1];
  return range(rows * columns).map((position) => {
    const weights = Array(height * width).fill(0);
    const start = Math.floor(position / columns) * width + (position % columns);
    for (const [i, values] of kernel.entries()) {
      for (const [j, value] of values.entries()) weights[start + i * width + j] = value;
    }
    return weights;
  });
}

/** (positions, weights): each row is a patch, row by row. */
export function im2col(x, [height, width]) {
  const [rows, columns] = [x.length - height + 1, x[0].length - width + 1];
  return range(rows * columns).map((position) => {
    const [row, column] = [Math.floor(position / columns), position % columns];
    return x.slice(row, row + height).flatMap((pixels) => pixels.slice(column, column + width));
  });
}

/** The outputs whose windows hold the pixel: those of a piece of the response, as [row, column, height, width]. */
export function outputsOf(row, column, [kernelRows, kernelColumns], [rows, columns]) {
  const [top, left] = [Math.max(0, row - kernelRows + 1), Math.max(0, column - kernelColumns + 1)];
  return [top, left, Math.min(row, rows - 1) - top + 1, Math.min(column, columns - 1) - left + 1];
}

/** What these outputs hand back to the pixel: gradient, weight and product of each, row by row. */
export function shares(gradient, kernel, row, column) {
  const [top, left, height, width] = outputsOf(row, column, shapeOf(kernel), shapeOf(gradient));
  return range(height * width).map((i) => {
    const [r, c] = [top + Math.floor(i / width), left + (i % width)];
    const weight = kernel[row - r][column - c];
    return { pixel: gradient[r][c], weight, value: gradient[r][c] * weight };
  });
}

/** The gradient with respect to the picture: every pixel's shares, added up. */
export function inputGradient(gradient, kernel) {
  const [height, width] = shapeOf(gradient).map((count, axis) => count + shapeOf(kernel)[axis] - 1);
  return range(height).map((row) => range(width).map((column) => sum(shares(gradient, kernel, row, column))));
}

function shapeOf(grid) {
  return [grid.length, grid[0].length];
}

/** A list as the rows of a grid. */
function inRows(values, width) {
  return range(values.length / width).map((row) => values.slice(row * width, (row + 1) * width));
}

/** A matrix as a picture in which pieces can be lit; what is not lit fades. One thin piece alone is drawn enlarged. */
class MatrixPicture extends PictureView {
  constructor(options) {
    super(options);
    this.canvas = this.node.querySelector("canvas");
    this.glass = htmlElement("canvas", { class: "glass" });
    this.canvas.after(this.glass);
    this.lit = ["fade", "outline", "outline narrow"].map((kind) => svgElement("path", { class: kind }));
    this.frame.node.before(...this.lit);
  }

  /** Lights pieces, each [row, column, height, width]. */
  light(pieces) {
    this.frame.node.style.display = "none";
    const grow = pieces.length === 1 ? THIN : 0;
    const places = pieces.map((piece) => this.#placeOf(piece, grow));
    const path = ([x, y, width, height]) => `M${x} ${y}h${width}v${height}h${-width}Z`;
    const d = places.map(path).join("");
    const [fade, ...outlines] = this.lit;
    setAttributes(fade, { d: path(this.#placeOf([0, 0, this.rows, this.columns], 0)) + d });
    for (const node of outlines) setAttributes(node, { d });
    this.glass.hidden = !grow;
    if (grow) this.#enlarge(pieces[0], places[0]);
  }

  /** Where a piece is, as [x, y, width, height] in pixels; each side at least `least`. */
  #placeOf([row, column, height, width], least) {
    const [wide, high] = this.pixel;
    const [w, h] = [Math.max(least, width * wide), Math.max(least, height * high)];
    return [(column + width / 2) * wide - w / 2, (row + height / 2) * high - h / 2, w, h];
  }

  #enlarge([row, column, height, width], [x, y, wide, high]) {
    Object.assign(this.glass, { width, height });
    this.glass.getContext("2d").drawImage(this.canvas, column, row, width, height, 0, 0, width, height);
    Object.assign(this.glass.style, { left: `${x}px`, top: `${y}px`, width: `${wide}px`, height: `${high}px` });
  }

  showGrid(values, scale, signed) {
    this.show(values.flat(), scale, signed);
  }
}

class MatrixView extends Explorer {
  constructor(context) {
    super(context, "matrix-view", "Matrix view");
    this.cursor = new Cursor({ onMove: () => this.moved() });
    this.scales = new Scales(() => this.update());
    this.weights = new EditableGrid("weight", (kernel) => this.choose({ kernel }));
    this.weights.node.classList.add("kernel");
    const directions = { rows: "T @ x", columns: "T.t() @ g" };
    this.directions = new Choice("How T is read", `${this.id}-direction`, directions, (way) =>
      this.turn(way === "columns"),
    );
    const gradients = { response: "response", ones: "ones" };
    this.gradients = new Choice("g", `${this.id}-gradient`, gradients, (which) => this.chooseGradient(which));
    this.ofGradient = line(htmlElement("span", {}, "g ="), this.gradients.node);
    this.controls = htmlElement(
      "div",
      { class: "controls" },
      this.directions.node,
      ...this.cursor.controls,
      this.ofGradient,
    );
    this.equation = htmlElement("div", { class: "equation", "aria-hidden": "true" });
    this.hint = hint("");
    this.root.append(this.stage, this.weights.complaint, this.equation, line(this.scales.node), this.hint);
    this.listenToT();
    this.readModel();
    this.start("x", "kernel", "grad_output", "transposed", ...POSITIONS);
  }

  remove() {
    document.removeEventListener("keydown", this.onKey, true);
    super.remove();
  }

  /** T works wherever the pointer is on the explorer, or the focus in it, unless somebody is typing. */
  listenToT() {
    this.onKey = (event) => {
      if (event.key.toLowerCase() !== "t" || event.ctrlKey || event.metaKey || event.altKey) return;
      const [target] = event.composedPath(); // JupyterLab's search field is inside an element of its own
      if (target.isContentEditable || target.matches?.(TYPED)) return;
      event.preventDefault();
      event.stopPropagation();
      this.turn(!this.transposed);
    };
    this.root.addEventListener("keydown", this.onKey);
    this.root.addEventListener("pointerenter", () => document.addEventListener("keydown", this.onKey, true));
    this.root.addEventListener("pointerleave", () => document.removeEventListener("keydown", this.onKey, true));
  }

  // ── what is shown ──────────────────────────────────────────────────────────────────────────────

  /** What Python and the browser share. */
  get shared() {
    return JSON.stringify(
      ["x", "kernel", "grad_output", "transposed", ...POSITIONS].map((name) => this.link.get(name)),
    );
  }

  readModel() {
    this.read = this.shared;
    this.x = this.link.get("x");
    this.kernel = this.link.get("kernel");
    this.transposed = this.link.get("transposed");
    const [row, column, pixelRow, pixelColumn] = POSITIONS.map((name) => this.link.get(name));
    this.output = [row, column];
    this.pixel = [pixelRow, pixelColumn];
    this.response = correlate(this.x, this.kernel);
    this.given = this.link.get("grad_output");
    this.gradient = this.given ?? this.response;
    this.back = inputGradient(this.gradient, this.kernel);
    this.matrix = toeplitz(this.kernel, shapeOf(this.x));
    this.patches = im2col(this.x, shapeOf(this.kernel));
    this.imageIsSigned = this.x.flat().some((value) => value < 0);
    const always = { x: largest(this.x), kernel: largest(this.kernel) };
    const made = this.transposed
      ? { g: largest(this.gradient), gradient: largest(this.back) }
      : { response: largest(this.response) };
    this.scales.offer({ ...always, ...made }, this.imageIsSigned ? [] : ["x"]);
    this.cursor.resize(...shapeOf(this.transposed ? this.x : this.response));
    this.cursor.place(...(this.transposed ? this.pixel : this.output));
  }

  /** What the drawing is built for. */
  get layout() {
    return JSON.stringify([shapeOf(this.x), shapeOf(this.kernel), this.transposed]);
  }

  // ── drawing ────────────────────────────────────────────────────────────────────────────────────

  build() {
    const [image, response] = [shapeOf(this.x), shapeOf(this.response)];
    const names = this.transposed ? ["gradient for x", "column of T", "g"] : ["x", "row of T", "response"];
    this.pictures = this.piece("picture", names[0], image);
    this.laid = this.piece("weights", names[1], this.transposed ? response : image);
    this.out = this.piece("response", names[2], response);
    this.cursor.listen(this.pictures.grid);
    this.cursor.listen(this.laid.grid);
    this.cursor.listen(this.out.grid);
    const kernelCell = clamp(Math.floor(102 / Math.max(...shapeOf(this.kernel))), CELL, 34);
    this.weights.build("Kernel", ...shapeOf(this.kernel), kernelCell);
    const kernel = new Panel("kernel", shapeOf(this.kernel).join(" × "), this.weights.node);
    this.controls.classList.toggle("across", this.width < ROOMY && this.width >= NARROW);
    this.stage.replaceChildren(
      panels(this.pictures.panel, this.laid.panel, this.out.panel, this.controls),
      panels(...this.buildMatrices(kernelCell * this.kernel[0].length), kernel),
    );
    const ways = "Point or drag, click to pin, or use arrow keys";
    setText(
      this.hint,
      this.transposed
        ? `${ways}. T: back to the rows. g is grad_output, the gradient for the response.`
        : `${ways}. Press T to read T downwards.`,
    );
    this.update();
  }

  /** A grid of numbers where there is room for legible ones, else a picture. */
  piece(part, name, [rows, columns]) {
    const [height, width] = shapeOf(this.x);
    const around = 26; // of a grid: its numbers and its ring
    const beside = this.width < ROOMY ? 0 : CONTROLS + GAP;
    const room = this.width - beside - 2 * GAP - 3 * around;
    const abreast = Math.floor(room / (2 * width + this.response[0].length));
    const below = Math.min(CELL, Math.floor((this.width - around) / width));
    const cell = Math.min(34, this.width < NARROW ? below : abreast, Math.floor(SIDE / height));
    if (cell >= CELL) {
      const panel = new GridPanel({ id: this.id, part, name, rows, columns, cell });
      return { panel, grid: panel.grid, show: (...values) => panel.grid.show(...values) };
    }
    const pixel = SIDE / Math.max(height, width);
    const grid = new MatrixPicture({ part, label: name, shape: [rows, columns], pixel: [pixel, pixel] });
    const panel = new Panel(name, `${rows} × ${columns}`, grid.node);
    return { panel, grid, show: (...values) => grid.showGrid(...values) };
  }

  /** T and im2col with the same rows; above each what it is multiplied by, between them what both give. */
  buildMatrices(kernelWidth) {
    const [positions, pixels, weights] = [this.matrix.length, this.matrix[0].length, this.patches[0].length];
    const spare = this.pictures.grid instanceof PictureView ? 30 : 0; // a picture has no row of numbers above it
    const high = Math.min(MOST_CELL, (MATRIX_HEIGHT + spare) / positions);
    const patchWide = clamp(90 / weights, 2, 11);
    const others = 2 * GAP + Math.max(116, weights * patchWide) + Math.max(84, kernelWidth);
    const room = this.width - STRIP - STRIP_GAP - (this.width < NARROW ? 0 : others);
    const wide = clamp(room / pixels, 1, Math.min(MOST_CELL, 2 * high));
    const picture = (part, label, shape, pixel) => new MatrixPicture({ part, label, shape, pixel });
    this.toeplitz = picture("matrix", "T", [positions, pixels], [wide, high]);
    this.columns = picture("im2col", "im2col", [positions, weights], [patchWide, high]);
    this.above = picture("above", "", [1, pixels], [wide, STRIP]);
    this.beside = picture("beside", "", [positions, 1], [STRIP, high]);
    this.flatKernel = picture("flat-kernel", "", [1, weights], [patchWide, STRIP]);
    for (const strip of [this.above, this.beside, this.flatKernel]) {
      strip.node.removeAttribute("tabindex"); // the picture and the response say the same, and can be reached
      setAttributes(strip.node, { "aria-hidden": true });
    }
    this.links = svgElement("path", { class: "links" });
    const [width, height] = [pixels * wide + STRIP_GAP + STRIP, STRIP + STRIP_GAP + positions * high];
    const layer = svgElement("svg", { class: "layer", width, height, "aria-hidden": true }, this.links);
    const [responseWidth, kernelColumns] = [this.response[0].length, this.kernel[0].length];
    const asOutput = (index) => [Math.floor(index / responseWidth), index % responseWidth];
    const asPixel = (index) => [Math.floor(index / this.x[0].length), index % this.x[0].length];
    const patchPixel = (i, j) => {
      const [row, column] = asOutput(i);
      return [row + Math.floor(j / kernelColumns), column + (j % kernelColumns)];
    };
    this.cursor.listen(this.toeplitz, (i, j) => (this.transposed ? asPixel(j) : asOutput(i)));
    this.cursor.listen(this.columns, (i, j) => (this.transposed ? patchPixel(i, j) : asOutput(i)));
    this.cursor.listen(this.above, (_, j) => asPixel(j));
    this.cursor.listen(this.beside, asOutput);
    const block = (...nodes) => htmlElement("div", { class: "block" }, ...nodes);
    const product = this.transposed ? "times g beside = gradient above" : "times x above = response beside";
    const name = `${positions} × ${pixels}, ${product}`;
    const matrix = new Panel("T", name, block(this.above.node, this.toeplitz.node, this.beside.node, layer));
    matrix.node.style.maxWidth = `${Math.max(width, 160)}px`; // its name must not push the others away
    return [matrix, new Panel("im2col", `${positions} × ${weights}`, block(this.flatKernel.node, this.columns.node))];
  }

  update() {
    const [ofX, ofKernel] = [this.scales.of("x"), this.scales.of("kernel")];
    const asX = [ofX, this.imageIsSigned];
    const image = this.transposed ? [this.back, this.scales.of("gradient"), true] : [this.x, ...asX];
    const response = this.transposed
      ? [this.gradient, this.scales.of("g"), true]
      : [this.response, this.scales.of("response"), true];
    this.pictures.show(...image);
    this.above.showGrid(...image);
    this.out.show(...response);
    this.beside.showGrid(...response);
    this.toeplitz.showGrid(this.matrix, ofKernel, true);
    this.columns.showGrid(this.patches, ...asX);
    this.flatKernel.showGrid(this.kernel, ofKernel, true);
    this.flatKernel.light([[0, 0, 1, this.flatKernel.columns]]);
    this.weights.show(this.kernel, ofKernel);
    this.directions.show(this.transposed ? "columns" : "rows");
    const isOnes = this.given?.flat().every((value) => value === 1);
    this.gradients.show(this.given ? isOnes && "ones" : "response");
    this.ofGradient.style.visibility = this.transposed ? "" : "hidden";
    this.place();
  }

  /** Lights what belongs to the place: this is what a hover costs. */
  place() {
    const { row, column } = this.cursor;
    if (this.transposed) this.placePixel(row, column);
    else this.placeOutput(row, column);
    this.cursor.show();
  }

  tell(shown, spoken) {
    setText(this.equation, shown);
    this.say(spoken);
  }

  placeOutput(row, column) {
    const [[rows, columns], width] = [shapeOf(this.kernel), this.x[0].length];
    const index = row * this.response[0].length + column;
    this.laid.panel.resize(`T[${index}]`);
    this.laid.show(inRows(this.matrix[index], width), this.scales.of("kernel"), true);
    for (const one of [this.pictures, this.laid]) one.grid.mark(row, column, rows, columns);
    this.out.grid.mark(row, column);
    this.toeplitz.light([[index, 0, 1, this.toeplitz.columns]]);
    this.columns.light([[index, 0, 1, this.columns.columns]]);
    this.beside.light([[index, 0, 1, 1]]);
    const runs = range(rows).map((i) => [0, (row + i) * width + column, 1, columns]);
    this.above.light(runs);
    const [wide, high] = this.toeplitz.pixel;
    const [top, right] = [STRIP + STRIP_GAP + index * high, this.toeplitz.columns * wide];
    const ends = runs.flatMap(([, start, , count]) => [start * wide, (start + count) * wide]);
    const answer = `M${right} ${top + high / 2}h${STRIP_GAP}`;
    setAttributes(this.links, { d: `${ends.map((x) => `M${x} ${STRIP}V${top}`).join("")}${answer}` });
    const products = equation(productsAt(this.x, this.kernel, row, column));
    this.tell(
      `response[${row}, ${column}] = T[${index}] @ x = im2col[${index}] @ kernel = ${products}`,
      `Response row ${row}, column ${column}: row ${index} of T times x, or row ${index} of im2col times the kernel: ${products}`,
    );
  }

  placePixel(row, column) {
    const [kernel, [, width]] = [shapeOf(this.kernel), shapeOf(this.response)];
    const index = row * this.x[0].length + column;
    const [top, left, rows, columns] = outputsOf(row, column, kernel, shapeOf(this.response));
    const outputs = range(rows).flatMap((i) => range(columns).map((j) => [top + i, left + j]));
    this.laid.panel.resize(`T[:, ${index}]`);
    const weights = this.matrix.map((values) => values[index]);
    this.laid.show(inRows(weights, width), this.scales.of("kernel"), true);
    for (const one of [this.out, this.laid]) one.grid.mark(top, left, rows, columns);
    this.pictures.grid.mark(row, column);
    this.toeplitz.light([[0, index, this.toeplitz.rows, 1]]);
    this.above.light([[0, index, 1, 1]]);
    const copies = outputs.map(([r, c]) => [r * width + c, (row - r) * kernel[1] + column - c, 1, 1]);
    this.columns.light(copies);
    const runs = range(rows).map((i) => [(top + i) * width + left, 0, columns, 1]);
    this.beside.light(runs);
    const [wide, high] = this.toeplitz.pixel;
    const [from, to] = [this.toeplitz.columns * wide + STRIP_GAP, (index + 1) * wide];
    const ends = runs.flatMap(([start, , count]) => [start * high, (start + count) * high]);
    const lines = ends.map((y) => `M${from} ${STRIP + STRIP_GAP + y}H${to}`).join("");
    setAttributes(this.links, { d: `${lines}M${to - wide / 2} ${STRIP + STRIP_GAP}v${-STRIP_GAP}` });
    const feeds = outputs.length === 1 ? "one output" : `${outputs.length} outputs`;
    const products = equation(shares(this.gradient, this.kernel, row, column));
    this.tell(
      `gradient[${row}, ${column}] = T[:, ${index}] @ g = ${products}`,
      `Gradient for pixel row ${row}, column ${column}, which feeds ${feeds}: column ${index} of T times g: ${products}`,
    );
  }

  // ── what the reader does, and what Python does ─────────────────────────────────────────────────

  moved() {
    const { row, column } = this.cursor;
    if (this.transposed) this.pixel = [row, column];
    else this.output = [row, column];
    this.link.send(this.positions);
    this.read = this.shared;
    this.place();
  }

  get positions() {
    const [[row, column], [pixelRow, pixelColumn]] = [this.output, this.pixel];
    return { row, column, pixel_row: pixelRow, pixel_column: pixelColumn };
  }

  /** Reads T the other way, about the entry where the lit row and the lit column cross. */
  turn(transposed) {
    const kernel = shapeOf(this.kernel);
    const crosses = this.pixel.every((p, axis) => p >= this.output[axis] && p < this.output[axis] + kernel[axis]);
    const middle = kernel.map((count) => count >> 1);
    if (!crosses && transposed) this.pixel = this.output.map((o, axis) => o + middle[axis]);
    if (!crosses && !transposed) {
      this.output = this.pixel.map((p, axis) => clamp(p - middle[axis], 0, shapeOf(this.response)[axis] - 1));
    }
    this.choose({ transposed, ...this.positions });
  }

  chooseGradient(which) {
    this.choose({ grad_output: which === "ones" ? this.response.map((row) => row.map(() => 1)) : null });
  }

  choose(values) {
    this.link.send(values);
    this.modelChanged();
  }

  modelChanged() {
    if (this.shared === this.read) return;
    const before = this.layout;
    this.readModel();
    if (this.layout !== before) this.redraw();
    else this.update();
  }
}

export default widget(MatrixView);
