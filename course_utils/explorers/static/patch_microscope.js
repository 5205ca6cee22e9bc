// The patch microscope: an image, the patch under the kernel, the products, their running sum, and the response.

import { correlate, productsAt, rotated, sum } from "./convolution.js";
import { Frame, NumberCell, NumberGrid, clamp, htmlElement, range, setAttributes, setText, svgElement, textAt } from "./drawing.js";
import { Announcer, Link, button, choice, freshId, hiddenStill, prefersReducedMotion, slider } from "./explorer.js";
import { color, commonFontSize, formatNumber, largest, parseNumber, textColor, wholeSize } from "./numbers.js";

const CAPTION = 20; // room for a grid's name …
const INDEX = 20; // … and for the numbers of its rows and columns
const GAP = 36;
const SPEEDS = [0.15, 0.3, 0.6, 1.2, 2.5, 6]; // positions per second
// How one position of the film spends its time: products one by one, then the sum flies, then a rest.
const PRODUCTS_END = 0.68;
const FLIGHT_END = 0.92;

/** Where everything stands for a drawing of some width; arrangements are tried from the widest to the narrowest. */
export function arrange(width, { image, kernel, response }, productWidth) {
  const [productHeight, sumHeight] = [40, 60];
  const margin = 3;
  const kernelCell = clamp(Math.floor((width - INDEX - 2 * margin) / kernel[1]), 26, 38);
  const kernelSize = [kernel[1] * kernelCell, kernel[0] * kernelCell];
  const productSize = [kernel[1] * productWidth, kernel[0] * productHeight];
  const top = CAPTION + INDEX;

  const stackedWidth = Math.max(kernelSize[0], productSize[0]);
  const gridWidth = (shape, cell) => Math.max(shape[1] * cell, 110); // its name needs room, too
  const bothWidths = (cell) => gridWidth(image, cell) + gridWidth(response, cell) + GAP + 2 * INDEX + 2 * margin;
  const largestCell = (most, needed) => range(most).map((i) => most - i).find((cell) => needed(cell) <= width) ?? 0;
  const inRow = largestCell(44, (cell) => bothWidths(cell) + stackedWidth + GAP);
  const sideBySide = largestCell(40, bothWidths);
  const alone = Math.max(24, largestCell(44, (cell) => gridWidth(image, cell) + INDEX + 2 * margin));

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

/** "3·1 + 0·(−2) + … = 9", of the first `count` products. */
export function equation(products, count = products.length) {
  const factor = (value) => (value < 0 ? `(${formatNumber(value)})` : formatNumber(value));
  const term = ({ pixel, weight }) => `${formatNumber(pixel)}·${factor(weight)}`;
  const taken = products.slice(0, count).map(term);
  const shown = taken.length > 9 ? [...taken.slice(0, 3), "…", taken.at(-1)] : taken;
  const total = sum(products, count);
  const exact = formatNumber(total) === formatNumber(Math.fround(total)) && isShownExactly(total);
  const end = count < products.length ? " so far" : "";
  return count ? `${shown.join(" + ")} ${exact ? "=" : "≈"} ${formatNumber(total)}${end}` : "nothing added yet";
}

function isShownExactly(value) {
  const shown = Number(formatNumber(value).replaceAll("−", "-"));
  return Math.abs(shown - value) <= 1e-6 * Math.max(1, Math.abs(value));
}

class PatchMicroscope {
  constructor(model, el) {
    this.link = new Link(model);
    this.id = freshId();
    this.announcer = new Announcer();
    this.row = this.link.get("row");
    this.column = this.link.get("column");
    this.phase = 1; // how far the film is at this position, from 0 to 1
    this.film = false; // whether responses not reached yet are covered
    this.pinned = false;
    this.playing = false;
    this.speed = 2;
    this.animation = 0;
    this.readModel();

    // JupyterLab would take arrow keys for itself, and classic notebooks would too.
    this.root = htmlElement("div", { class: "course-explorer patch-microscope", "data-lm-suppress-shortcuts": "true" });
    this.root.addEventListener("keydown", (event) => event.stopPropagation());
    setAttributes(this.root, { role: "group", "aria-label": "Patch microscope" });
    this.stage = htmlElement("div", { class: "stage" });
    this.equation = htmlElement("div", { class: "equation", "aria-hidden": "true" });
    this.complaint = htmlElement("div", { class: "complaint", role: "alert" });
    this.root.append(this.makeModes(), this.stage, this.equation, this.complaint, this.makeControls(), this.announcer.node);
    el.append(hiddenStill(this.link.get("still")), this.root);

    this.build();
    this.watchWidth = new ResizeObserver(() => this.widthChanged());
    this.watchWidth.observe(this.stage);
    for (const name of ["x", "kernel", "mode"]) this.link.onChange(name, () => this.modelChanged());
    for (const name of ["row", "column"]) this.link.onChange(name, () => this.positionChanged());
  }

  remove() {
    cancelAnimationFrame(this.animation);
    this.watchWidth.disconnect();
    this.link.remove();
    this.announcer.remove();
  }

  // ── what is shown ──────────────────────────────────────────────────────────────────────────────

  readModel() {
    this.x = this.link.get("x");
    this.kernel = this.link.get("kernel");
    this.mode = this.link.get("mode");
    this.applied = this.mode === "convolution" ? rotated(this.kernel) : this.kernel;
    this.response = correlate(this.x, this.applied);
    this.scales = {
      image: largest(this.x),
      kernel: largest(this.kernel),
      product: largest(this.x) * largest(this.kernel),
      response: largest(this.response),
    };
    this.imageIsSigned = this.x.flat().some((value) => value < 0);
    this.row = clamp(this.row, 0, this.response.length - 1);
    this.column = clamp(this.column, 0, this.response[0].length - 1);
  }

  get shapes() {
    const shape = (grid) => [grid.length, grid[0].length];
    return { image: shape(this.x), kernel: shape(this.kernel), response: shape(this.response) };
  }

  get products() {
    return productsAt(this.x, this.applied, this.row, this.column);
  }

  /** How many products the film has taken at this phase; the fraction is the next one on its way. */
  get taken() {
    return this.phase >= PRODUCTS_END ? this.cellCount : (this.phase / PRODUCTS_END) * this.cellCount;
  }

  get cellCount() {
    return this.kernel.length * this.kernel[0].length;
  }

  get arrived() {
    return this.phase >= FLIGHT_END;
  }

  get index() {
    return this.row * this.response[0].length + this.column;
  }

  get positions() {
    return this.response.length * this.response[0].length;
  }

  // ── drawing ────────────────────────────────────────────────────────────────────────────────────

  makeModes() {
    const words = { correlation: "cross-correlation", convolution: "convolution" };
    this.modes = choice("Operation", `${this.id}-mode`, words, (mode) => {
      this.link.send({ mode });
      this.modelChanged();
    });
    const swatch = (value, words) => {
      const style = `background: ${color(value, 1, true)}`;
      return htmlElement("span", { class: "swatch" }, htmlElement("i", { style }), words);
    };
    const legend = [swatch(-1, "negative"), swatch(0, "zero"), swatch(1, "positive")];
    return htmlElement("div", { class: "line" }, this.modes.node, htmlElement("span", { class: "legend" }, ...legend));
  }

  makeControls() {
    this.playButton = button("Play", () => (this.playing ? this.pause() : this.play()), { class: "play" });
    this.pinButton = button("Pin", () => this.pin(!this.pinned), { "aria-pressed": "false" });
    this.speedSlider = slider("Speed", (speed) => this.setSpeed(speed), { max: SPEEDS.length - 1, value: this.speed });
    this.filmSlider = slider("Film", (tick) => this.scrub(tick), { class: "film" });
    this.rowSlider = slider("Row", (row) => this.moveByControl(row, this.column));
    this.columnSlider = slider("Column", (column) => this.moveByControl(this.row, column));
    const group = (name, ...children) => htmlElement("div", { class: name }, ...children);
    return group(
      "controls",
      group("line", button("Back", () => this.step(-1)), this.playButton, button("Step", () => this.step(1)), this.speedSlider.node, this.filmSlider.node),
      group("line", this.rowSlider.node, this.columnSlider.node, this.pinButton),
      htmlElement("div", { class: "hint" }, "Hover or drag to move the patch, click to pin it; arrow keys move it too. Type into the kernel to change it."),
    );
  }

  widthChanged() {
    const width = Math.round(this.stage.clientWidth);
    if (width && width !== this.width) this.build();
  }

  /** Draws everything anew: at first, and when a size has changed. */
  build() {
    const focused = this.root.contains(document.activeElement) && document.activeElement.dataset.part;
    this.width = Math.round(this.stage.clientWidth);
    const { image, kernel, response } = this.shapes;
    this.productWidth = this.widthOfProducts();
    const at = (this.layout = arrange(this.width || 800, this.shapes, this.productWidth));
    const size = (shape) => `${shape[0]} × ${shape[1]}`;

    const grid = (id, words, shape, place) =>
      new NumberGrid({ id: `${this.id}-${id}`, label: `${words}, ${shape[0]} rows, ${shape[1]} columns`, rows: shape[0], columns: shape[1], ...place });
    this.image = grid("image", "Image", image, at.image);
    this.out = grid("response", "Response", response, at.response);
    this.image.node.dataset.part = "image";
    this.out.node.dataset.part = "response";
    this.drawing = svgElement("svg", { width: at.width, height: at.height, viewBox: `0 0 ${at.width} ${at.height}` });
    this.rays = svgElement("path", { class: "rays", "pointer-events": "none" });
    this.drawing.append(
      this.rays,
      this.caption("image", size(image), at.image.x, at.image.y - INDEX),
      this.caption("response", size(response), at.response.x, at.response.y - INDEX),
      this.caption("products", "", at.products.x, at.products.y),
      this.image.node,
      this.out.node,
      this.makeProducts(),
    );
    this.kernelCaption = this.caption("kernel", "", at.kernel.x, at.kernel.y);
    this.chip = new NumberCell(-24, -15, 48, 30, { class: "chip", "aria-hidden": "true", "pointer-events": "none" });
    this.pixelFrame = new Frame(1.5);
    this.drawing.append(this.kernelCaption, this.pixelFrame.node, this.chip.node);
    this.listen(this.image, (row, column) => [row - ((kernel[0] - 1) >> 1), column - ((kernel[1] - 1) >> 1)]);
    this.listen(this.out, (row, column) => [row, column]);
    this.stage.replaceChildren(this.drawing, this.makeKernel());
    this.root.classList.toggle("narrow", this.width < 760);
    if (focused) this.stage.querySelector(`[data-part="${focused}"]`)?.focus();
    this.update();
  }

  caption(name, size, x, y) {
    const words = svgElement("text", { x, y: y - 7, class: "caption" }, name);
    words.append(svgElement("tspan", { class: "size", dx: 6 }, size));
    return words;
  }

  /** Wide enough for "3·0.333" and the like. */
  widthOfProducts() {
    const longest = (grid) => Math.max(...grid.flat().map((value) => formatNumber(value).length));
    const wanted = clamp((longest(this.x) + Math.max(longest(this.kernel), 3) + 2) * 6 + 10, 52, 92);
    const room = Math.floor(((this.width || 800) - INDEX - 6) / this.kernel[0].length);
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
    this.sumCell = new NumberCell(sumBox.x, sumBox.y, sumBox.width, sumBox.height, { class: "sum", "data-part": "sum" });
    this.sumCaption = textAt("running sum", sumBox.x + sumBox.width / 2, sumBox.y - 11, 12, { class: "caption" });
    // The equation and the live text tell the products to screen readers.
    const cells = this.productCells.map((cell) => cell.node);
    return svgElement("g", { "aria-hidden": "true", class: "lens" }, ...cells, this.sumCaption, this.sumCell.node);
  }

  /** The kernel is made of text fields; as a whole it turns by 180°, while each number stays upright. */
  makeKernel() {
    const { x, y, cell } = this.layout.kernel;
    const { kernel: [rows, columns] } = this.shapes;
    this.weights = this.kernel.map((weights, row) => weights.map((_, column) => this.makeWeight(row, column)));
    this.weights[0][0].tabIndex = 0;
    const style = `left:${x}px; top:${y}px; width:${columns * cell}px; height:${rows * cell}px; grid-template-columns: repeat(${columns}, 1fr)`;
    const label = `Kernel, ${rows} rows, ${columns} columns`;
    this.kernelNode = htmlElement("div", { class: "kernel", role: "group", "aria-label": label, style }, ...this.weights.flat());
    return this.kernelNode;
  }

  makeWeight(row, column) {
    const label = `weight in row ${row}, column ${column}`;
    const attributes = { type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false", tabindex: -1 };
    const field = htmlElement("input", { ...attributes, "aria-label": label, "data-part": `weight-${row}-${column}` });
    field.addEventListener("focus", () => {
      this.weights.flat().forEach((other) => (other.tabIndex = other === field ? 0 : -1));
      field.select();
    });
    field.addEventListener("input", () => this.typed(field, row, column));
    field.addEventListener("blur", () => this.settle(field, row, column));
    field.addEventListener("keydown", (event) => this.kernelKey(event, field, row, column));
    return field;
  }

  update() {
    const { kernel } = this.shapes;
    this.image.show(this.x, this.scales.image, this.imageIsSigned);
    this.kernel.forEach((weights, row) => weights.forEach((weight, column) => this.showWeight(row, column, weight)));
    const turned = this.mode === "convolution";
    this.kernelNode.classList.toggle("turned", turned);
    this.kernelCaption.lastChild.textContent = turned ? "rotated by 180°" : `${kernel[0]} × ${kernel[1]}`;
    for (const [mode, input] of Object.entries(this.modes.inputs)) input.checked = mode === this.mode;
    setAttributes(this.rowSlider.input, { max: this.response.length - 1 });
    setAttributes(this.columnSlider.input, { max: this.response[0].length - 1 });
    setAttributes(this.filmSlider.input, { max: this.positions * (this.cellCount + 1) - 1 });
    this.covered = null;
    this.place();
  }

  showWeight(row, column, weight) {
    const field = this.weights[row][column];
    const fill = color(weight, this.scales.kernel, true);
    const words = formatNumber(weight);
    const cell = this.layout.kernel.cell - 2;
    field.style.backgroundColor = fill;
    field.style.color = textColor(fill);
    field.style.fontSize = `${commonFontSize(cell, cell, this.kernel.flat().map(formatNumber))}px`;
    if (field !== document.activeElement || !field.dataset.typing) field.value = words;
  }

  /** Draws what depends on the position and on the film's phase: this is what a hover costs. */
  place() {
    const { row, column, products } = this;
    const [rows, columns] = this.shapes.kernel;
    const taken = Math.floor(this.taken);
    this.image.mark(row, column, rows, columns);
    this.out.mark(row, column);
    this.placeResponse();
    products.forEach((product, i) => this.showProduct(this.productCells[i], product, i < taken));
    const total = sum(products, taken);
    if (taken) this.sumCell.show(total, this.scales.response, true);
    else this.sumCell.cover();
    setText(this.sumCaption, taken < this.cellCount ? "running sum" : "sum");
    this.placeRays();
    this.placeMoving(products, taken);
    this.placeControls(taken);
    const words = `row ${row}, column ${column}: ${equation(products, taken)}`;
    setText(this.equation, words);
    this.announcer.say(words);
  }

  placeResponse() {
    const covered = this.film ? this.index + (this.arrived ? 1 : 0) : this.positions; // the first one not there yet
    if (covered === this.covered) return;
    this.covered = covered;
    const width = this.response[0].length;
    this.out.show(this.response, this.scales.response, true, (row, column) => row * width + column >= covered);
  }

  /** Thin lines from the patch to its products and from their sum to the response, where these stand in a row. */
  placeRays() {
    const { image, products, sumBox, response, name } = this.layout;
    if (name !== "row") return;
    const [rows, columns] = this.shapes.kernel;
    const right = image.x + (this.column + columns) * image.cell;
    const [top, bottom] = [image.y + this.row * image.cell, image.y + (this.row + rows) * image.cell];
    const goal = [response.x + this.column * response.cell, response.y + (this.row + 0.5) * response.cell];
    const lens = `M${right} ${top}L${products.x} ${products.y}M${right} ${bottom}L${products.x} ${products.bottom}`;
    const sum = `M${sumBox.x + sumBox.width} ${sumBox.y + sumBox.height / 2}L${goal[0]} ${goal[1]}`;
    setAttributes(this.rays, { d: lens + sum });
  }

  showProduct(cell, { pixel, weight, value }, done) {
    const words = `${formatNumber(pixel)}·${weight < 0 ? `(${formatNumber(weight)})` : formatNumber(weight)}`;
    const size = wholeSize(Math.min(11.5, (0.94 * cell.width) / (0.54 * words.length)));
    const readable = size >= 7;
    const middle = cell.y + cell.height * (readable ? 0.64 : 0.5);
    if (done) cell.show(value, this.scales.product, true, { middle, largestFont: 14 });
    else cell.cover();
    setText(cell.factors, readable ? words : "");
    const fill = done ? textColor(color(value, this.scales.product, true)) : "currentColor";
    setAttributes(cell.factors, { fill, "font-size": size });
  }

  /** The number on its way: a product into the sum, or the sum into the response; and what it is made of. */
  placeMoving(products, taken) {
    const adding = taken < this.cellCount;
    const [row, column] = [Math.floor(taken / this.kernel[0].length), taken % this.kernel[0].length];
    this.weights.flat().forEach((field, i) => {
      const shownAt = this.mode === "convolution" ? this.cellCount - 1 - i : i;
      field.classList.toggle("current", adding && shownAt === taken);
    });
    this.pixelFrame.node.style.display = adding ? "" : "none";
    const { image } = this.layout;
    if (adding) {
      const at = [image.x + (this.column + column) * image.cell, image.y + (this.row + row) * image.cell];
      this.pixelFrame.place(...at, image.cell, image.cell);
    }
    const flying = !prefersReducedMotion() && (adding ? this.taken > taken : !this.arrived);
    this.chip.node.style.display = flying ? "" : "none";
    if (!flying) return;
    const { sumBox, response } = this.layout;
    const middle = (one) => [one.x + one.width / 2, one.y + one.height / 2];
    const goal = [response.x + (this.column + 0.5) * response.cell, response.y + (this.row + 0.5) * response.cell];
    const [from, to] = adding ? [middle(this.productCells[taken]), middle(sumBox)] : [middle(sumBox), goal];
    const share = adding ? this.taken - taken : (this.phase - PRODUCTS_END) / (FLIGHT_END - PRODUCTS_END);
    const eased = share * share * (3 - 2 * share);
    const lift = adding ? 0 : -40 * Math.sin(Math.PI * eased);
    const place = from.map((start, i) => start + (to[i] - start) * eased);
    if (adding) this.chip.show(products[taken].value, this.scales.product, true);
    else this.chip.show(sum(products), this.scales.response, true);
    setAttributes(this.chip.node, { transform: `translate(${place[0].toFixed(1)} ${(place[1] + lift).toFixed(1)})` });
  }

  placeControls(taken) {
    const { row, column } = this;
    const set = ({ input, value }, number, words, spoken = words) => {
      if (input.value !== String(number)) input.value = number;
      setText(value, words);
      setAttributes(input, { "aria-valuetext": spoken });
    };
    const count = this.arrived ? this.cellCount : Math.min(taken, this.cellCount - 1);
    const film = this.index * (this.cellCount + 1) + count;
    set(this.rowSlider, row, String(row));
    set(this.columnSlider, column, String(column));
    set(this.filmSlider, film, `${this.index + 1} of ${this.positions}`, `row ${row}, column ${column}, ${count} of ${this.cellCount} products`);
    set(this.speedSlider, this.speed, `${SPEEDS[this.speed]}/s`, `${SPEEDS[this.speed]} positions per second`);
    setText(this.playButton, this.playing ? "Pause" : "Play");
    setAttributes(this.pinButton, { "aria-pressed": this.pinned });
    setText(this.pinButton, this.pinned ? "Pinned" : "Pin");
    this.root.classList.toggle("pinned", this.pinned);
  }

  // ── moving ─────────────────────────────────────────────────────────────────────────────────────

  /** Moves the patch; where it would leave the image it stops at the border. */
  moveTo(row, column, film = false, phase = 1) {
    this.row = clamp(row, 0, this.response.length - 1);
    this.column = clamp(column, 0, this.response[0].length - 1);
    Object.assign(this, { film, phase });
    this.place();
    this.link.send({ row: this.row, column: this.column });
  }

  moveByControl(row, column) {
    this.stop();
    this.pinned = true;
    this.moveTo(row, column);
  }

  pin(pinned) {
    this.stop();
    this.pinned = pinned;
    this.place();
  }

  /** Lets a grid be hovered, dragged, clicked and used by keys; `positionOf` maps its cells to positions. */
  listen(grid, positionOf) {
    let drag = null; // while a button or finger is down: where it went down, and whether it has moved on
    const cellUnder = (event) => {
      const { left, top } = this.drawing.getBoundingClientRect();
      return grid.cellAt(event.clientX - left, event.clientY - top);
    };
    grid.node.addEventListener("pointermove", (event) => {
      const cell = cellUnder(event);
      if (!cell) return;
      if (drag && String(cell) !== String(drag.from)) drag.moved = true;
      const follows = drag?.moved || (!drag && !this.pinned && !this.playing);
      const [row, column] = positionOf(...cell);
      if (follows && (drag || event.pointerType !== "touch")) this.moveTo(row, column);
    });
    grid.node.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      drag = { from: cellUnder(event), moved: false };
      grid.node.setPointerCapture(event.pointerId);
      grid.node.focus({ preventScroll: true });
      event.preventDefault(); // no text selection while dragging
      if (this.playing) this.stop();
    });
    grid.node.addEventListener("pointerup", (event) => {
      if (!drag) return;
      const { from, moved } = drag;
      drag = null;
      const letsGo = this.pinned && !moved && event.pointerType !== "touch";
      this.pinned = !letsGo;
      if (from && !moved) this.moveTo(...positionOf(...from));
      else this.place();
    });
    grid.node.addEventListener("pointercancel", () => (drag = null));
    grid.node.addEventListener("keydown", (event) => this.gridKey(event));
  }

  gridKey(event) {
    const { row, column } = this;
    const [lastRow, lastColumn] = [this.response.length - 1, this.response[0].length - 1];
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
    if (event.key in moves) this.moveByControl(...moves[event.key]);
    else if (event.key === "Enter" || event.key === " ") this.pin(!this.pinned);
    else if (event.key === "Escape") this.pin(false);
    else return;
    event.preventDefault();
  }

  // ── the film ───────────────────────────────────────────────────────────────────────────────────

  setSpeed(speed) {
    this.speed = speed;
    this.placeControls(Math.floor(this.taken));
  }

  play() {
    const atEnd = this.index === this.positions - 1 && this.arrived;
    const index = atEnd || !this.film ? 0 : this.index;
    const resumes = this.film && !atEnd;
    this.runFilm(index, resumes ? this.phase : 0, this.positions - 1);
  }

  pause() {
    this.stop();
    this.place();
  }

  stop() {
    cancelAnimationFrame(this.animation);
    this.playing = false;
  }

  /** One position forward, with its products one by one; or one position back. */
  step(by) {
    this.stop();
    const finishes = by > 0 && this.film && !this.arrived;
    const index = clamp(finishes ? this.index : this.index + by, 0, this.positions - 1);
    if (by > 0 && (index !== this.index || finishes)) this.runFilm(index, finishes ? this.phase : 0, index);
    else this.showFilm(index, 1);
  }

  scrub(tick) {
    this.stop();
    const count = tick % (this.cellCount + 1);
    // Half a product further than needed, lest rounding lose one.
    const phase = count === this.cellCount ? 1 : ((count + 1e-6) / this.cellCount) * PRODUCTS_END;
    this.showFilm(Math.floor(tick / (this.cellCount + 1)), phase);
  }

  showFilm(index, phase) {
    const columns = this.response[0].length;
    this.pinned = true;
    this.moveTo(Math.floor(index / columns), index % columns, true, phase);
  }

  /** Plays from a phase of one position to the end of another. */
  runFilm(index, phase, lastIndex) {
    const still = prefersReducedMotion();
    let time = null;
    this.playing = true;
    const frame = (now) => {
      const passed = ((now - (time ?? now)) / 1000) * SPEEDS[this.speed];
      time = now;
      phase += passed;
      if (phase >= 1 && index < lastIndex) {
        index += 1;
        phase %= 1;
      }
      if (phase >= 1) this.playing = false;
      this.showFilm(index, still ? 1 : Math.min(phase, 1));
      if (this.playing) this.animation = requestAnimationFrame(frame);
    };
    this.animation = requestAnimationFrame(frame);
    this.showFilm(index, still ? 1 : phase);
  }

  // ── typing into the kernel ─────────────────────────────────────────────────────────────────────

  /** Takes a number at once; keeps the last one while what stands there is none. */
  typed(field, row, column) {
    field.dataset.typing = "yes";
    const value = parseNumber(field.value);
    field.setAttribute("aria-invalid", value === null);
    if (value === null) return;
    setText(this.complaint, "");
    const kernel = this.kernel.map((weights) => [...weights]);
    kernel[row][column] = value;
    this.link.send({ kernel });
    this.modelChanged();
  }

  /** When the field is left: the number stands as the others do, and what is no number is refused. */
  settle(field, row, column) {
    if (!field.dataset.typing) return;
    delete field.dataset.typing;
    field.removeAttribute("aria-invalid");
    const kept = formatNumber(this.kernel[row][column]);
    const refused = parseNumber(field.value) === null;
    setText(this.complaint, refused ? `“${field.value.trim()}” is not a number, so this weight stays ${kept}. Numbers such as −2, 0.5 or 1/9 work.` : "");
    field.value = kept;
  }

  kernelKey(event, field, row, column) {
    const [rows, columns] = this.shapes.kernel;
    const turn = this.mode === "convolution" ? -1 : 1; // arrows go where the eye goes
    const whole = field.selectionStart === 0 && field.selectionEnd === field.value.length;
    const moves = { ArrowUp: [-turn, 0], ArrowDown: [turn, 0], ...(whole && { ArrowLeft: [0, -turn], ArrowRight: [0, turn] }) };
    if (event.key === "Enter") {
      this.settle(field, row, column);
      field.select();
    } else if (event.key === "Escape") {
      field.value = formatNumber(this.kernel[row][column]);
      this.settle(field, row, column);
      field.select();
    } else if (event.key in moves) {
      const [down, right] = moves[event.key];
      this.weights[clamp(row + down, 0, rows - 1)][clamp(column + right, 0, columns - 1)].focus();
    } else return;
    event.preventDefault();
  }

  // ── what comes from Python ─────────────────────────────────────────────────────────────────────

  modelChanged() {
    const seen = [this.x, this.kernel, this.mode];
    if (JSON.stringify(["x", "kernel", "mode"].map((name) => this.link.get(name))) === JSON.stringify(seen)) return;
    const before = JSON.stringify(this.shapes);
    this.readModel();
    const typing = this.kernelNode.querySelector("[data-typing]");
    const resized = JSON.stringify(this.shapes) !== before || (!typing && this.widthOfProducts() !== this.productWidth);
    if (resized) this.build();
    else this.update();
  }

  positionChanged() {
    const [row, column] = [this.link.get("row"), this.link.get("column")];
    if (row === this.row && column === this.column) return;
    this.stop();
    this.moveTo(row, column);
  }
}

function render({ model, el }) {
  const microscope = new PatchMicroscope(model, el);
  return () => microscope.remove();
}

export default { render };
