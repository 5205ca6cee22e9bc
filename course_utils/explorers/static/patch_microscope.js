// The patch microscope: an image, the patch under the kernel, the products, their running sum, and the response.

import { Choice, hint, line } from "./controls.js";
import { correlate, equation, productsAt, rotated, sum } from "./convolution.js";
import { Cursor } from "./cursor.js";
import { clamp, Frame, htmlElement, NumberCell, range, setAttributes, setText, svgElement, textAt } from "./drawing.js";
import { EditableGrid } from "./editable_grid.js";
import { Explorer, prefersReducedMotion, widget } from "./explorer.js";
import { NumberGrid } from "./grid.js";
import { color, formatNumber, largest, textColor, wholeSize } from "./numbers.js";
import { Player } from "./player.js";
import { caption, Scales } from "./scales.js";

const CAPTION = 20; // room for a grid's name …
const INDEX = 20; // … and for the numbers of its rows and columns
const GAP = 36;
const SPEEDS = [0.15, 0.3, 0.6, 1.2, 2.5, 6]; // positions per second
// How one position of the film spends its time: products one by one, then the sum flies, then a rest.
const PRODUCTS_END = 0.68;
const FLIGHT_END = 0.92;

/** Where everything stands for a drawing of some width; arrangements are tried from the widest to the narrowest. */
export function arrange(width, { image, kernel, response }, productWidth) {
  const [productHeight, sumHeight] = [36, 58];
  const margin = 3;
  const kernelCell = clamp(Math.floor((width - INDEX - 2 * margin) / kernel[1]), 26, 34);
  const kernelSize = [kernel[1] * kernelCell, kernel[0] * kernelCell];
  const productSize = [kernel[1] * productWidth, kernel[0] * productHeight];
  const top = CAPTION + INDEX;

  const stackedWidth = Math.max(kernelSize[0], productSize[0]);
  const gridWidth = (shape, cell) => Math.max(shape[1] * cell, 110); // its name needs room, too
  const bothWidths = (cell) => gridWidth(image, cell) + gridWidth(response, cell) + GAP + 2 * INDEX + 2 * margin;
  const largestCell = (most, needed) =>
    range(most)
      .map((i) => most - i)
      .find((cell) => needed(cell) <= width) ?? 0;
  const inRow = largestCell(44, (cell) => bothWidths(cell) + stackedWidth + GAP);
  const sideBySide = largestCell(40, bothWidths);
  const alone = Math.max(
    24,
    largestCell(44, (cell) => gridWidth(image, cell) + INDEX + 2 * margin),
  );

  const grid = (shape, cell, x, y) => ({ x, y, cell, right: x + gridWidth(shape, cell), bottom: y + shape[0] * cell });
  const lens = (x, y, beside) => {
    const centred = (inner) => (beside ? 0 : (stackedWidth - inner) / 2);
    const kernelPlace = { x: x + centred(kernelSize[0]), y: y + CAPTION, cell: kernelCell };
    const products = beside
      ? { x: x + kernelSize[0] + GAP, y: y + CAPTION }
      : { x: x + centred(productSize[0]), y: y + 2 * CAPTION + kernelSize[1] + 10 };
    Object.assign(products, { width: productWidth, height: productHeight });
    Object.assign(products, { right: products.x + productSize[0], bottom: products.y + productSize[1] });
    const sumBox = { x: products.x + productSize[0] / 2 - 36, y: products.bottom + 26, width: 72, height: 34 };
    const bottom = Math.max(kernelPlace.y + kernelSize[1], products.bottom + sumHeight);
    return { kernel: kernelPlace, products, sumBox, right: Math.max(products.right, x + kernelSize[0]), bottom };
  };
  const placed = (imagePlace, lensPlace, responsePlace) => ({
    image: imagePlace,
    ...lensPlace,
    response: responsePlace,
    width: Math.max(imagePlace.right, lensPlace.right, responsePlace.right, 0) + margin,
    height: Math.max(imagePlace.bottom, lensPlace.bottom, responsePlace.bottom) + 6,
  });

  if (inRow >= 28) {
    const left = grid(image, inRow, INDEX + margin, top);
    const middle = lens(left.right + GAP, 0, false);
    return { name: "row", ...placed(left, middle, grid(response, inRow, middle.right + GAP + INDEX, top)) };
  }
  const lensBeside = kernelSize[0] + GAP + productSize[0] <= width;
  if (sideBySide >= 26) {
    const left = grid(image, sideBySide, INDEX + margin, top);
    const right = grid(response, sideBySide, left.right + GAP + INDEX, top);
    return { name: "two rows", ...placed(left, lens(INDEX + margin, left.bottom + 18, lensBeside), right) };
  }
  const first = grid(image, alone, INDEX + margin, top);
  const second = lens(INDEX + margin, first.bottom + 18, lensBeside);
  return { name: "column", ...placed(first, second, grid(response, alone, INDEX + margin, second.bottom + 12 + top)) };
}

class PatchMicroscope extends Explorer {
  constructor(context) {
    super(context, "patch-microscope", "Patch microscope");
    const [row, column] = [this.link.get("row"), this.link.get("column")];
    const taken = { onMove: () => this.moved(), onTake: () => this.player.stop(), isBusy: () => this.player.playing };
    this.cursor = new Cursor({ row, column, ...taken });
    this.player = new Player({
      speeds: SPEEDS,
      unit: "positions",
      onFrame: () => this.filmed(),
      describe: (index, count) => this.describe(index, count),
      phaseOf: (count) => this.phaseOf(count),
      tickOf: (phase) => (phase >= FLIGHT_END ? this.cellCount : Math.min(this.takenAt(phase), this.cellCount - 1)),
    });
    this.weights = new EditableGrid("weight", (kernel) => this.choose({ kernel }));
    this.weights.node.classList.add("kernel");
    const words = { correlation: "cross-correlation", convolution: "convolution" };
    this.modes = new Choice("Operation", `${this.id}-mode`, words, (mode) => this.choose({ mode }));
    this.scales = new Scales(() => this.update());
    this.equation = htmlElement("div", { class: "equation", "aria-hidden": "true" });
    this.root.append(
      this.stage,
      this.equation,
      this.weights.complaint,
      this.player.node,
      line(this.modes.node, ...this.cursor.controls),
      line(this.scales.node),
      hint(
        "Point or drag to move the patch, click to pin it, or use arrow keys. Type a weight, or drag it up or down.",
      ),
    );
    this.readModel();
    this.start("x", "kernel", "mode", "row", "column");
  }

  remove() {
    this.player.stop();
    super.remove();
  }

  // ── what is shown ──────────────────────────────────────────────────────────────────────────────

  readModel() {
    this.x = this.link.get("x");
    this.kernel = this.link.get("kernel");
    this.mode = this.link.get("mode");
    this.applied = this.mode === "convolution" ? rotated(this.kernel) : this.kernel;
    this.response = correlate(this.x, this.applied);
    this.imageIsSigned = this.x.flat().some((value) => value < 0);
    const sizes = { image: largest(this.x), kernel: largest(this.kernel) };
    const made = { products: sizes.image * sizes.kernel, response: largest(this.response) };
    this.scales.offer({ ...sizes, ...made }, this.imageIsSigned ? [] : ["image"]);
    this.cursor.resize(this.response.length, this.response[0].length);
    this.player.resize(this.response.length * this.response[0].length, this.cellCount + 1);
    this.player.index = this.index;
  }

  get shapes() {
    const shape = (grid) => [grid.length, grid[0].length];
    return { image: shape(this.x), kernel: shape(this.kernel), response: shape(this.response) };
  }

  get products() {
    return productsAt(this.x, this.applied, this.cursor.row, this.cursor.column);
  }

  /** The number of the position, row by row. */
  get index() {
    return this.cursor.row * this.response[0].length + this.cursor.column;
  }

  get cellCount() {
    return this.kernel.length * this.kernel[0].length;
  }

  /** How many products the film has taken at a phase of one position. */
  takenAt(phase) {
    return phase >= PRODUCTS_END ? this.cellCount : Math.floor((phase / PRODUCTS_END) * this.cellCount);
  }

  /** The phase at which so many products are taken; at the last one, the sum has arrived. */
  phaseOf(count) {
    // A little further than needed, lest rounding lose one.
    return count === this.cellCount ? 1 : ((count + 1e-6) / this.cellCount) * PRODUCTS_END;
  }

  describe(index, count) {
    const width = this.response[0].length;
    const place = `row ${Math.floor(index / width)}, column ${index % width}`;
    return [`${index + 1} of ${this.player.length}`, `${place}, ${count} of ${this.cellCount} products`];
  }

  // ── drawing ────────────────────────────────────────────────────────────────────────────────────

  build() {
    const { image, kernel, response } = this.shapes;
    this.productWidth = this.widthOfProducts();
    const at = arrange(this.width, this.shapes, this.productWidth);
    this.layout = at;
    const size = (shape) => `${shape[0]} × ${shape[1]}`;
    const grid = (part, words, [rows, columns], place) => {
      const label = `${words}, ${rows} rows, ${columns} columns`;
      return new NumberGrid({ id: `${this.id}-${part}`, part, label, rows, columns, ...place });
    };
    this.image = grid("image", "Image", image, at.image);
    this.out = grid("response", "Response", response, at.response);
    this.rays = svgElement("path", { class: "rays", "pointer-events": "none" });
    this.kernelCaption = caption("kernel", "", at.kernel.x, at.kernel.y);
    this.chip = new NumberCell(-24, -15, 48, 30, { class: "chip", "aria-hidden": "true", "pointer-events": "none" });
    this.pixelFrame = new Frame(1.5);
    const drawing = svgElement(
      "svg",
      { width: at.width, height: at.height, viewBox: `0 0 ${at.width} ${at.height}` },
      this.rays,
      caption("image", size(image), at.image.x, at.image.y - INDEX),
      caption("response", size(response), at.response.x, at.response.y - INDEX),
      caption("products", "", at.products.x, at.products.y),
      this.image.node,
      this.out.node,
      this.makeProducts(),
      this.kernelCaption,
      this.pixelFrame.node,
      this.chip.node,
    );
    this.cursor.listen(this.image);
    this.cursor.listen(this.out);
    this.weights.build("Kernel", ...kernel, at.kernel.cell);
    Object.assign(this.weights.node.style, { left: `${at.kernel.x}px`, top: `${at.kernel.y}px` });
    this.stage.replaceChildren(drawing, this.weights.node);
    this.root.classList.toggle("narrow", this.width < 600);
    this.update();
  }

  /** Wide enough for "3·0.333" and the like. */
  widthOfProducts() {
    const longest = (grid) => Math.max(...grid.flat().map((value) => formatNumber(value).length));
    const wanted = clamp((longest(this.x) + Math.max(longest(this.kernel), 3) + 2) * 6 + 10, 52, 92);
    const room = Math.floor((this.width - INDEX - 6) / this.kernel[0].length);
    return Math.min(wanted, Math.max(room, 30));
  }

  makeProducts() {
    const { x, y, width, height } = this.layout.products;
    const columns = this.kernel[0].length;
    this.productCells = range(this.cellCount).map((i) => {
      const cell = new NumberCell(x + (i % columns) * width, y + Math.floor(i / columns) * height, width, height);
      cell.factors = textAt("", cell.x + width / 2, cell.y + 10, 9.5, { class: "factors" });
      cell.node.append(cell.factors);
      cell.node.dataset.part = "product";
      return cell;
    });
    const { sumBox } = this.layout;
    const part = { class: "sum", "data-part": "sum" };
    this.sumCell = new NumberCell(sumBox.x, sumBox.y, sumBox.width, sumBox.height, part);
    this.sumCaption = textAt("running sum", sumBox.x + sumBox.width / 2, sumBox.y - 11, 12, { class: "caption" });
    // The equation and the live text tell the products to screen readers.
    const cells = this.productCells.map((cell) => cell.node);
    return svgElement("g", { "aria-hidden": "true", class: "lens" }, ...cells, this.sumCaption, this.sumCell.node);
  }

  update() {
    const { kernel } = this.shapes;
    const turned = this.mode === "convolution";
    this.image.show(this.x, this.scales.of("image"), this.imageIsSigned);
    this.weights.show(this.kernel, this.scales.of("kernel"), turned);
    this.kernelCaption.lastChild.textContent = turned ? "rotated by 180°" : `${kernel[0]} × ${kernel[1]}`;
    this.modes.show(this.mode);
    this.covered = null;
    this.place();
  }

  /** Draws what depends on the position and on the film's phase: this is what a hover costs. */
  place() {
    const { cursor, player, products } = this;
    const { row, column } = cursor;
    const [rows, columns] = this.shapes.kernel;
    const taken = this.takenAt(player.phase);
    this.image.mark(row, column, rows, columns);
    this.out.mark(row, column);
    this.placeResponse();
    for (const [i, product] of products.entries()) this.showProduct(this.productCells[i], product, i < taken);
    if (taken) this.sumCell.show(sum(products, taken), this.scales.of("response"), true);
    else this.sumCell.cover();
    setText(this.sumCaption, taken < this.cellCount ? "running sum" : "sum");
    this.placeRays();
    this.placeMoving(products, taken);
    cursor.show();
    player.show();
    this.root.classList.toggle("pinned", cursor.pinned);
    const words = `row ${row}, column ${column}: ${equation(products, taken)}`;
    setText(this.equation, words);
    this.say(words);
  }

  placeResponse() {
    const { active, index, phase, length } = this.player;
    const covered = active ? index + (phase >= FLIGHT_END ? 1 : 0) : length; // the first one not there yet
    if (covered === this.covered) return;
    this.covered = covered;
    const width = this.response[0].length;
    const isHidden = (row, column) => row * width + column >= covered;
    this.out.show(this.response, this.scales.of("response"), true, isHidden);
  }

  /** Thin lines from the patch to its products and from their sum to the response, where these stand in a row. */
  placeRays() {
    const { image, products, sumBox, response, name } = this.layout;
    if (name !== "row") return;
    const { row, column } = this.cursor;
    const [rows, columns] = this.shapes.kernel;
    const right = image.x + (column + columns) * image.cell;
    const [top, bottom] = [image.y + row * image.cell, image.y + (row + rows) * image.cell];
    const goal = [response.x + column * response.cell, response.y + (row + 0.5) * response.cell];
    const lens = `M${right} ${top}L${products.x} ${products.y}M${right} ${bottom}L${products.x} ${products.bottom}`;
    const total = `M${sumBox.x + sumBox.width} ${sumBox.y + sumBox.height / 2}L${goal[0]} ${goal[1]}`;
    setAttributes(this.rays, { d: lens + total });
  }

  showProduct(cell, { pixel, weight, value }, done) {
    const words = `${formatNumber(pixel)}·${weight < 0 ? `(${formatNumber(weight)})` : formatNumber(weight)}`;
    const size = wholeSize(Math.min(11.5, (0.94 * cell.width) / (0.54 * words.length)));
    const readable = size >= 7;
    const middle = cell.y + cell.height * (readable ? 0.64 : 0.5);
    const scale = this.scales.of("products");
    if (done) cell.show(value, scale, true, { middle, largestFont: 14 });
    else cell.cover();
    setText(cell.factors, readable ? words : "");
    const fill = done ? textColor(color(value, scale, true)) : "currentColor";
    setAttributes(cell.factors, { fill, "font-size": size });
  }

  /** The number on its way: a product into the sum, or the sum into the response; and what it is made of. */
  placeMoving(products, taken) {
    const adding = taken < this.cellCount;
    const { phase } = this.player;
    this.weights.mark(adding ? taken : -1);
    this.pixelFrame.node.style.display = adding ? "" : "none";
    const { image, sumBox, response } = this.layout;
    const { row, column } = this.cursor;
    if (adding) {
      const [down, right] = [Math.floor(taken / this.kernel[0].length), taken % this.kernel[0].length];
      const at = [image.x + (column + right) * image.cell, image.y + (row + down) * image.cell];
      this.pixelFrame.place(...at, image.cell, image.cell);
    }
    const share = adding
      ? (phase / PRODUCTS_END) * this.cellCount - taken
      : (phase - PRODUCTS_END) / (FLIGHT_END - PRODUCTS_END);
    const flying = !prefersReducedMotion() && share > 0 && share < 1;
    this.chip.node.style.display = flying ? "" : "none";
    if (!flying) return;
    const middle = (one) => [one.x + one.width / 2, one.y + one.height / 2];
    const goal = [response.x + (column + 0.5) * response.cell, response.y + (row + 0.5) * response.cell];
    const [from, to] = adding ? [middle(this.productCells[taken]), middle(sumBox)] : [middle(sumBox), goal];
    const eased = share * share * (3 - 2 * share);
    const lift = adding ? 0 : -40 * Math.sin(Math.PI * eased);
    const place = from.map((start, i) => start + (to[i] - start) * eased);
    if (adding) this.chip.show(products[taken].value, this.scales.of("products"), true);
    else this.chip.show(sum(products), this.scales.of("response"), true);
    setAttributes(this.chip.node, { transform: `translate(${place[0].toFixed(1)} ${(place[1] + lift).toFixed(1)})` });
  }

  // ── what the reader does, and what Python does ─────────────────────────────────────────────────

  /** The patch was moved by hand. */
  moved() {
    this.follow();
    this.link.send({ row: this.cursor.row, column: this.cursor.column });
  }

  /** The patch is at another place, and the film leaves it. */
  follow() {
    if (this.index !== this.player.index) this.player.leave(this.index);
    this.place();
  }

  /** The film is at another place. */
  filmed() {
    const width = this.response[0].length;
    this.cursor.pinned = true;
    this.cursor.place(Math.floor(this.player.index / width), this.player.index % width);
    this.place();
    this.link.send({ row: this.cursor.row, column: this.cursor.column });
  }

  choose(values) {
    this.link.send(values);
    this.modelChanged();
  }

  modelChanged(name) {
    if (name === "row" || name === "column") return this.positionChanged();
    const seen = [this.x, this.kernel, this.mode];
    if (JSON.stringify(["x", "kernel", "mode"].map((one) => this.link.get(one))) === JSON.stringify(seen)) return;
    const before = JSON.stringify(this.shapes);
    this.readModel();
    const widened = !this.weights.inUse && this.widthOfProducts() !== this.productWidth;
    if (JSON.stringify(this.shapes) !== before || widened) this.redraw();
    else this.update();
  }

  positionChanged() {
    const [row, column] = [this.link.get("row"), this.link.get("column")];
    if (row === this.cursor.row && column === this.cursor.column) return;
    this.player.stop();
    this.cursor.place(row, column);
    this.follow();
  }
}

export default widget(PatchMicroscope);
