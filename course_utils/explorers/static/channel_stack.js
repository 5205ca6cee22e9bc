// The channel stack: what each input channel adds to an output, and what groups take away.

import { Dial, hint, line } from "./controls.js";
import { correlatePixels } from "./convolution.js";
import { Cursor } from "./cursor.js";
import { clamp, Frame, htmlElement, range, setAttributes, setText, svgElement, textAt } from "./drawing.js";
import { Explorer, widget } from "./explorer.js";
import { NumberGrid } from "./grid.js";
import { counted, formatNumber, isShownExactly, largestOf, pixels } from "./numbers.js";
import { PictureView } from "./picture.js";
import { Scales } from "./scales.js";

const [SMALLEST_CELL, LARGEST_CELL] = [20, 28]; // in which numbers are legible; beyond that, pictures
const SMALLEST_SIDE = 56; // of pictures
const LARGEST_SIDE = 88; // with the sum beside them; they are small with the sum below
const SMALL_KERNEL = 40; // of a kernel as a picture, with the sum below
const TALL = [230, 185]; // room for a channel, its kernel and its share, with the sum beside them or below
const MARGIN = 18; // left of a grid: for numbers of rows, or for a plus sign
const RING = 4;
const GAP = 4;
const NAMED = 108; // what a channel's name and switch need, however narrow its grids are
const BIAS = 82;
const MAP_CELL = 15;
const MAP_WORDS = 160; // the narrowest that the words beside the map become, and the room around both

/** The channels in an output's group: the first one and how many. */
export function seenBy(output, { channels, outputs, groups }) {
  const count = channels / groups;
  return { first: Math.floor(output / (outputs / groups)) * count, count };
}

/** The numbers of groups that split both evenly. */
export function evenGroups(channels, outputs) {
  return range(channels)
    .map((i) => i + 1)
    .filter((groups) => channels % groups === 0 && outputs % groups === 0);
}

/** How many numbers the layer learns, and the line of PyTorch that has so many. */
export function layerCost({ channels, outputs, groups, kernel: [rows, columns], biased }) {
  const each = channels / groups;
  const weights = `${outputs} · ${each} · ${rows} · ${columns} weights`;
  const size = rows === columns ? rows : `(${rows}, ${columns})`;
  const more = `${groups > 1 ? `, groups=${groups}` : ""}${biased ? "" : ", bias=False"}`;
  return {
    total: outputs * each * rows * columns + (biased ? outputs : 0),
    words: biased ? `${weights} + ${outputs} bias${outputs === 1 ? "" : "es"}` : weights,
    code: `nn.Conv2d(${channels}, ${outputs}, kernel_size=${size}${more})`,
  };
}

/**
 * Numbers with the sum beside them where they fit, then with the sum below them, then pictures, beside and below. What
 * stands above the sum wraps where the width ends. `cell` is the side of a number's cell, 0 of pictures; `side` theirs.
 */
export function arrange(room, { channels, biased, height, width, kernel }) {
  const [rows, columns] = [height - kernel[0] + 1, width - kernel[1] + 1];
  const around = MARGIN + RING + GAP; // beside each tile
  const across = (tile) => channels * Math.max(tile + around, NAMED);
  const sums = (share) => Math.max(2 * (share + around) + (biased ? BIAS : 0), MAP_WORDS + channels * MAP_CELL);
  const isLow = (cell, mode) => cell * (height + kernel[0] + rows) <= TALL[mode];
  const cells = range(LARGEST_CELL - SMALLEST_CELL + 1).map((i) => LARGEST_CELL - i);
  const beside = cells.find((cell) => isLow(cell, 0) && across(cell * width) + sums(cell * columns) <= room);
  if (beside) return { isBeside: true, cell: beside };
  const below = cells.find((cell) => isLow(cell, 1) && across(cell * width) <= room);
  const wrapped = isLow(SMALLEST_CELL, 1) && SMALLEST_CELL * width + around <= room ? SMALLEST_CELL : 0;
  if (below || wrapped) return { isBeside: false, cell: below ?? wrapped };
  const sides = range(LARGEST_SIDE - SMALLEST_SIDE + 1).map((i) => LARGEST_SIDE - i);
  const side = sides.find((one) => across(one) + sums(one) <= room);
  if (side) return { isBeside: true, cell: 0, side, kernelSide: side };
  return { isBeside: false, cell: 0, side: SMALLEST_SIDE, kernelSide: SMALL_KERNEL };
}

/** Numbers {shape, values}, as a grid where they are legible, else as pixels: listened to and marked all the same. */
class Tile {
  constructor({ id, part, label, shape: [rows, columns], cell, side, indices = false, stop = false }) {
    this.columns = columns;
    this.isGrid = cell >= SMALLEST_CELL;
    if (this.isGrid) {
      const [x, y] = [MARGIN, indices ? MARGIN : RING];
      this.view = new NumberGrid({ id: `${id}-${part}`, part, label, rows, columns, x, y, cell });
      const size = { width: x + columns * cell + RING, height: y + rows * cell + RING };
      this.node = svgElement("svg", { ...size, class: indices ? "" : "plain" }, this.view.node);
    } else {
      this.view = new PictureView({ part, label, shape: [rows, columns], side });
      this.node = htmlElement("div", { class: "framed" }, this.view.node);
    }
    if (!stop) setAttributes(this.view.node, { tabindex: -1 });
  }

  show(values, scale, signed, covered = false) {
    this.node.classList.toggle("covered-picture", covered && !this.isGrid);
    if (!this.isGrid) return this.view.show(covered ? values.map(() => 0) : values, scale, signed || covered);
    const rows = range(values.length / this.columns).map((row) =>
      Array.from(values.slice(row * this.columns, (row + 1) * this.columns)),
    );
    this.view.show(rows, scale, signed, () => covered);
  }
}

/** Which kernels there are: a row for each output, a column for each channel; a click chooses a row. */
class KernelMap {
  constructor({ channels, outputs, onChoose }) {
    const cell = Math.min(MAP_CELL, 90 / outputs);
    this.cell = cell;
    this.cells = range(outputs).map((output) =>
      range(channels).map((c) => svgElement("rect", { x: 18 + c * cell, y: 16 + output * cell, ...square(cell) })),
    );
    this.frame = new Frame(1.5);
    const names = range(channels).map((c) => textAt(String(c), 18 + (c + 0.5) * cell, 8, 10, { class: "index" }));
    const rows = range(outputs).map((o) => textAt(String(o), 8, 16 + (o + 0.5) * cell, 10, { class: "index" }));
    this.node = svgElement(
      "svg",
      { width: 22 + channels * cell, height: 20 + outputs * cell, role: "img", class: "map" },
      ...(cell >= 8 ? names : []),
      ...(cell >= 10 ? rows : []),
      ...this.cells.flat(),
      this.frame.node,
    );
    this.node.addEventListener("click", ({ clientY }) => {
      const row = Math.floor((clientY - this.node.getBoundingClientRect().top - 16) / cell);
      onChoose(clamp(row, 0, outputs - 1));
    });
  }

  show(layer, chosen) {
    for (const [output, cells] of this.cells.entries()) {
      const { first, count } = seenBy(output, layer);
      for (const [c, cell] of cells.entries()) {
        setAttributes(cell, { class: c >= first && c < first + count ? "cell there" : "cell covered" });
      }
    }
    this.frame.place(17, 15 + chosen * this.cell, layer.channels * this.cell + 2, this.cell + 2);
    const label = `which kernels there are, a row for each output: each output sees ${counted(seenBy(0, layer).count, "channel")}`;
    setAttributes(this.node, { "aria-label": label });
  }
}

function square(side) {
  return { width: side, height: side };
}

class ChannelStack extends Explorer {
  constructor(context) {
    super(context, "channel-stack", "Channel stack");
    this.cursor = new Cursor({ onMove: () => this.place() });
    this.scales = new Scales(() => this.update());
    this.complaint = htmlElement("div", { class: "complaint", role: "alert" });
    const dial = (name, onInput, refuse) =>
      new Dial(name, { onInput, refuse, onRefuse: (sentence) => setText(this.complaint, sentence) });
    this.outputDial = dial(
      "output",
      (output) => this.choose({ output }),
      (value) => (value >= 0 && value < this.layer.outputs ? null : `Outputs go from 0 to ${this.layer.outputs - 1}.`),
    );
    this.groupsDial = dial(
      "groups",
      (groups) => this.choose({ groups: this.nearest(groups) }),
      (value) => this.refuseGroups(value),
    );
    this.equation = htmlElement("div", { class: "equation", "aria-hidden": "true" });
    this.root.append(
      line(this.outputDial.node, this.groupsDial.node),
      this.complaint,
      this.stage,
      this.equation,
      line(...this.cursor.controls, this.scales.node),
      hint("Switch a channel off, and its share leaves the sum. Point at a number to follow it; click to pin."),
    );
    this.readModel();
    this.start("x", "weight", "bias", "output", "groups", "off");
  }

  readModel() {
    const [x, weight] = [pixels(this.link.get("x")), pixels(this.link.get("weight"))];
    const bias = this.link.get("bias");
    const [channels, height, width] = x.shape;
    const [outputs, , rows, columns] = weight.shape;
    const plane = height * width;
    this.x = range(channels).map((c) => ({
      shape: [height, width],
      values: x.values.subarray(c * plane, (c + 1) * plane),
    }));
    this.weight = weight.values;
    this.bias = bias && pixels(bias).values;
    this.grey = x.values.every((value) => value >= 0);
    this.layer = { channels, outputs, kernel: [rows, columns], biased: Boolean(bias) };
    this.cursor.resize(height - rows + 1, width - columns + 1);
    this.shares = null;
    this.readChoice();
  }

  /** Which output, in which group, with which channels. */
  readChoice() {
    const [output, groups, off] = ["output", "groups", "off"].map((name) => this.link.get(name));
    if (output !== this.output || !this.shares) this.convolve(output);
    Object.assign(this, { output, off });
    this.layer.groups = groups;
    const { first, count } = seenBy(output, this.layer);
    this.absent = range(this.layer.channels).filter((c) => c < first || c >= first + count);
    this.add();
  }

  kernel(output, channel) {
    const { channels, kernel } = this.layer;
    const [rows, columns] = kernel;
    const first = (output * channels + channel) * rows * columns;
    return range(rows).map((i) => Array.from(this.weight.subarray(first + i * columns, first + (i + 1) * columns)));
  }

  convolve(output) {
    this.kernels = range(this.layer.channels).map((c) => this.kernel(output, c));
    this.shares = this.x.map((channel, c) => correlatePixels(channel, this.kernels[c]));
  }

  counts(channel) {
    return !this.off.includes(channel) && !this.absent.includes(channel);
  }

  get ownBias() {
    return this.bias ? this.bias[this.output] : 0;
  }

  /** The sum of the shares that count, and the bias: what a switch costs, besides drawing. */
  add() {
    const total = new Float64Array(this.shares[0].values.length);
    for (const [c, { values }] of this.shares.entries()) {
      if (this.counts(c)) for (let i = 0; i < total.length; i++) total[i] += values[i];
    }
    this.total = total;
    this.response = total.map((value) => value + this.ownBias);
    const numbers = [...this.shares.map((share) => share.values), this.total, this.response];
    const scales = {
      x: largestOf(...this.x.map((channel) => channel.values)),
      kernel: largestOf(this.kernels.flat(2)),
      response: largestOf(...numbers),
    };
    this.scales.offer(scales, this.grey ? ["x"] : []);
  }

  // ── drawing ────────────────────────────────────────────────────────────────────────────────────

  build() {
    const { channels, outputs, kernel, biased } = this.layer;
    const { rows, columns } = this.cursor;
    const [height, width] = this.x[0].shape;
    this.built = this.layout;
    const { isBeside, cell, side, kernelSide } = arrange(this.width, { channels, biased, height, width, kernel });
    const kernelCell = cell || Math.min(LARGEST_CELL, Math.floor(kernelSide / Math.max(...kernel)));
    const tile = (part, label, shape, more) =>
      new Tile({ id: this.id, part, label: `${label}`, shape, cell, side, ...more });
    const share = [rows, columns];
    this.columns = range(channels).map((c) =>
      this.buildChannel(c, tile, share, { cell: kernelCell, side: kernelSide }),
    );
    this.totalTile = tile("sum", "sum of the shares", share);
    this.responseTile = tile("response", "response", share, { stop: true });
    for (const one of [...this.columns.map(({ share: each }) => each), this.totalTile, this.responseTile]) {
      this.cursor.listen(one.view);
    }
    this.map = new KernelMap({ channels, outputs, onChoose: (output) => this.choose({ output }) });
    this.cost = htmlElement("div", { class: "cost" });
    this.biasValue = htmlElement("div", { class: "bias" });
    const named = (words, node, sign) =>
      htmlElement(
        "div",
        { class: "result" },
        htmlElement("div", { class: "name" }, words),
        htmlElement("div", { class: sign }, node),
      );
    this.responseName = htmlElement("span");
    const results = [
      named("sum", this.totalTile.node, "equals"),
      named("bias", this.biasValue, "plus"),
      named(this.responseName, this.responseTile.node, "equals"),
    ];
    const totals = htmlElement("div", { class: "totals" }, ...results.slice(this.bias ? 0 : -1));
    const map = htmlElement("div", { class: "layer" }, this.map.node, this.cost);
    const stack = htmlElement("div", { class: "channels" }, ...this.columns.map((column) => column.node));
    this.stage.replaceChildren(
      htmlElement(
        "div",
        { class: isBeside ? "stack beside" : "stack" },
        stack,
        htmlElement("div", { class: "side" }, map, totals),
      ),
    );
    this.update();
  }

  buildChannel(c, tile, share, kernelTile) {
    const input = htmlElement("input", { type: "checkbox", "data-part": `switch-${c}` });
    input.addEventListener("change", () => this.flip(c));
    const column = {
      input,
      x: tile(`x-${c}`, `channel ${c}`, this.x[c].shape, { indices: true }),
      kernel: tile(`kernel-${c}`, `kernel of channel ${c}`, this.layer.kernel, kernelTile),
      share: tile(`share-${c}`, `share of channel ${c}`, share),
      kernelName: htmlElement("div", { class: "name" }),
    };
    const [kernelRows, kernelColumns] = this.layer.kernel;
    this.cursor.listen(column.x.view, (row, col) => [row - ((kernelRows - 1) >> 1), col - ((kernelColumns - 1) >> 1)]);
    column.node = htmlElement(
      "div",
      { class: "channel" },
      htmlElement("label", { class: "switch" }, input, htmlElement("span", {}, `channel ${c}`)),
      column.x.node,
      column.kernelName,
      column.kernel.node,
      htmlElement("div", { class: "name" }, `share ${c}`),
      htmlElement("div", { class: c ? "share plus" : "share" }, column.share.node),
    );
    return column;
  }

  update() {
    const { layer, output } = this;
    const of = (name) => this.scales.of(name);
    for (const [c, column] of this.columns.entries()) {
      const absent = this.absent.includes(c);
      column.input.checked = !this.off.includes(c);
      column.input.disabled = absent;
      column.node.classList.toggle("off", !this.counts(c));
      column.x.show(this.x[c].values, of("x"), !this.grey);
      column.kernel.show(this.kernels[c].flat(), of("kernel"), true, absent);
      column.share.show(this.shares[c].values, of("response"), true, !this.counts(c));
      setText(column.kernelName, absent ? "no kernel" : `weight[${output}, ${c}]`);
    }
    this.totalTile.show(this.total, of("response"), true);
    this.responseTile.show(this.response, of("response"), true);
    setText(this.responseName, `output ${output}`);
    setText(this.biasValue, formatNumber(this.ownBias));
    this.outputDial.show(output, 0, layer.outputs - 1);
    this.groupsDial.show(layer.groups, 1, evenGroups(layer.channels, layer.outputs).at(-1));
    this.map.show(layer, output);
    this.showCost();
    this.place();
  }

  showCost() {
    const [now, full] = [layerCost(this.layer), layerCost({ ...this.layer, groups: 1 })];
    const of = now.total === full.total ? "" : ` of ${full.total}`;
    this.costWords = of ? `${now.total}${of} parameters` : counted(now.total, "parameter");
    const lines = [htmlElement("b", {}, this.costWords), now.words, htmlElement("code", {}, now.code)];
    this.cost.replaceChildren(...lines.map((words) => htmlElement("div", {}, words)));
  }

  /** Shows where the reader is: this is what a hover costs. */
  place() {
    const { row, column } = this.cursor;
    const [height, width] = this.layer.kernel;
    const index = row * this.cursor.columns + column;
    for (const one of this.columns) {
      one.x.view.mark(row, column, height, width);
      one.share.view.mark(row, column);
    }
    this.totalTile.view.mark(row, column);
    this.responseTile.view.mark(row, column);
    this.cursor.show();
    this.showEquation(row, column, index);
  }

  showEquation(row, column, index) {
    const terms = range(this.layer.channels).filter((c) => !this.absent.includes(c));
    const signed = (value, first) =>
      first ? formatNumber(value) : `${value < 0 ? "−" : "+"} ${formatNumber(Math.abs(value))}`;
    const nodes = terms.flatMap((c, i) => {
      const words = signed(this.shares[c].values[index], i === 0);
      return [htmlElement(this.off.includes(c) ? "s" : "span", {}, words), " "];
    });
    const [total, response] = [this.total, this.response].map((values) => formatNumber(values[index]));
    const parts = [...terms.filter((c) => this.counts(c)).map((c) => this.shares[c].values[index]), this.ownBias];
    const size = Math.max(...parts.map(Math.abs));
    const sums = [this.total[index], this.response[index]];
    const exact = parts.every((one) => isShownExactly(one)) && sums.every((one) => isShownExactly(one, size));
    const equals = exact ? "=" : "≈";
    const bias = this.bias ? `${total}, ${signed(this.ownBias, false)} bias ${equals} ` : "";
    this.equation.replaceChildren(
      `row ${row}, column ${column}: `,
      ...nodes,
      `${equals} ${bias}`,
      htmlElement("b", {}, response),
    );
    const spoken = range(this.layer.channels).map((c) => {
      if (this.absent.includes(c)) return `channel ${c} has no kernel`;
      if (this.off.includes(c)) return `channel ${c} is off`;
      return `channel ${c} adds ${formatNumber(this.shares[c].values[index])}`;
    });
    const added = this.bias ? `, bias ${formatNumber(this.ownBias)}` : "";
    const where = `Output ${this.output}, row ${row}, column ${column}`;
    this.say(`${where}: ${spoken.join(", ")}. Sum ${total}${added}, response ${response}. ${this.costWords}.`);
  }

  // ── what the reader does, and what Python does ─────────────────────────────────────────────────

  flip(channel) {
    const off = this.off.includes(channel) ? this.off.filter((c) => c !== channel) : [...this.off, channel].sort();
    this.choose({ off });
  }

  /** The next number of groups that splits evenly, in the direction of the slider's move. */
  nearest(groups) {
    const even = evenGroups(this.layer.channels, this.layer.outputs);
    const onwards = groups > this.layer.groups;
    return onwards ? even.find((count) => count >= groups) : even.findLast((count) => count <= groups);
  }

  refuseGroups(value) {
    const { channels, outputs } = this.layer;
    const even = evenGroups(channels, outputs);
    if (even.includes(value)) return null;
    const can = even.length === 1 ? `only ${even[0]} does` : `${even.slice(0, -1).join(", ")} or ${even.at(-1)} do`;
    return `${value} groups do not split ${channels} channels and ${outputs} outputs evenly: ${can}.`;
  }

  choose(values) {
    setText(this.complaint, "");
    this.link.send(values);
    this.modelChanged(Object.keys(values)[0]);
  }

  /** What the drawing is built for. */
  get layout() {
    return JSON.stringify([this.x[0].shape, { ...this.layer, groups: null }]);
  }

  modelChanged(name) {
    if (["x", "weight", "bias"].includes(name)) this.readModel();
    else {
      const held = { output: this.output, groups: this.layer.groups, off: this.off };
      if (JSON.stringify(this.link.get(name)) === JSON.stringify(held[name])) return;
      this.readChoice();
    }
    if (this.layout !== this.built) this.redraw();
    else this.update();
  }
}

export default widget(ChannelStack);
