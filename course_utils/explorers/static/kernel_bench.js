// The kernel bench: change a kernel and see at once what it answers, on a picture, on flat areas, on ramps.

import { button, Choice, hint, line, Select } from "./controls.js";
import { correlatePixels } from "./convolution.js";
import { Cursor } from "./cursor.js";
import { clamp, htmlElement, range, setText } from "./drawing.js";
import { EditableGrid } from "./editable_grid.js";
import { Explorer, widget } from "./explorer.js";
import { formatNumber, largest, largestOf, pixels } from "./numbers.js";
import { Panel, panels } from "./panels.js";
import { PictureView } from "./picture.js";
import { Scales } from "./scales.js";

const SIDES = [1, 2, 3, 4, 5, 6, 7, 8, 9]; // of square kernels to choose from
const BENCH = 200; // px: the width of kernel and buttons, where no wide kernel wants more
const SMALLEST = 110; // px: the side of a picture
const SAME = 1e-4; // of the scale: what counts as matched

/** A small pattern in the middle of zeros. */
function centred(pattern, rows, columns) {
  const [top, left] = [(rows - pattern.length) >> 1, (columns - pattern[0].length) >> 1];
  return range(rows).map((row) => range(columns).map((column) => pattern[row - top]?.[column - left] ?? 0));
}

// Starting points. None of them is the answer to an exercise.
const PRESETS = {
  identity: (rows, columns) => centred([[1]], rows, columns),
  "all zeros": (rows, columns) => centred([[0]], rows, columns),
  "all ones": (rows, columns) => range(rows).map(() => range(columns).map(() => 1)),
  bump: (rows, columns) =>
    centred(
      [
        [1, 2, 1],
        [2, 4, 2],
        [1, 2, 1],
      ],
      rows,
      columns,
    ),
  spots: (rows, columns) =>
    centred(
      [
        [-1, -1, -1],
        [-1, 8, -1],
        [-1, -1, -1],
      ],
      rows,
      columns,
    ),
  line: (rows, columns) =>
    centred(
      [
        [-1, 2, -1],
        [-1, 2, -1],
        [-1, 2, -1],
      ],
      rows,
      columns,
    ),
  relief: (rows, columns) =>
    centred(
      [
        [-2, -1, 0],
        [-1, 1, 1],
        [0, 1, 2],
      ],
      rows,
      columns,
    ),
  random: (rows, columns) =>
    range(rows).map(() => range(columns).map(() => Math.fround(Math.round(20 * Math.random() - 10) / 10))),
};

// What to try a kernel on instead of the picture. A ramp's values are the numbers of its columns, or of its rows.
const AREAS = {
  flat: () => 0.5,
  "ramp →": ({ column }) => column,
  "ramp ↓": ({ row }) => row,
  step: ({ column }, width) => (column < width / 2 ? 0 : 1),
};

/** The sum of the weights; a whole number where only float32's rounding of the weights keeps it from being one. */
export function sumOf(kernel) {
  const total = kernel.flat().reduce((sum, weight) => sum + weight, 0);
  const rounding = 1e-7 * kernel.flat().reduce((sum, weight) => sum + Math.abs(weight), 0);
  return Math.abs(total - Math.round(total)) <= rounding ? Math.round(total) : total;
}

/** What a kernel with this sum of weights answers to flat areas. */
function flatAnswer(sum) {
  if (sum === 0) return "sum 0: flat areas answer 0";
  if (sum === 1) return "sum 1: flat areas keep their brightness";
  return `sum ${formatNumber(sum)}: flat areas answer ${formatNumber(sum)} × their brightness`;
}

class KernelBench extends Explorer {
  constructor(context) {
    super(context, "kernel-bench", "Kernel bench");
    this.first = this.link.get("kernel");
    this.cursor = new Cursor({ onMove: () => this.place() });
    this.scales = new Scales(() => this.update());
    this.weights = new EditableGrid("weight", (kernel) => this.choose(kernel));
    this.areas = new Choice(
      "Try it on",
      `${this.id}-area`,
      { picture: "picture", flat: "flat", "ramp →": "ramp →", "ramp ↓": "ramp ↓", step: "step" },
      (area) => this.tryOn(area),
    );
    this.presets = new Select(
      "Preset",
      { "": "…", start: "as at first", ...Object.fromEntries(Object.keys(PRESETS).map((name) => [name, name])) },
      (name) => this.preset(name),
    );
    this.sizes = new Select("Size", {}, (size) => this.reshape(...size.split(" × ").map(Number)));
    this.badge = htmlElement("div", { class: "flat-answer" });
    this.reading = htmlElement("div", { class: "reading", "aria-hidden": "true" });
    this.match = htmlElement("div", { class: "match" });
    this.actions = htmlElement(
      "div",
      { class: "actions" },
      line(this.presets.node, this.sizes.node),
      line(
        button("Normalise", () => this.normalise()),
        button("Flip", () => this.choose(this.kernel.map((row) => [...row].reverse()).reverse()), {
          title: "turn it by 180°",
        }),
        button("Transpose", () => this.transpose(), { title: "rows become columns" }),
      ),
      this.badge,
      this.weights.complaint,
    );
    this.root.append(
      this.stage,
      line(this.reading, this.match),
      line(htmlElement("span", {}, "Try it on"), this.areas.node),
      line(this.scales.node),
      hint("Type a weight, or drag it up or down (Shift+↑ and ↓). Point at a picture to read a response."),
    );
    this.readModel();
    this.start("picture", "kernel", "wanted");
  }

  readModel() {
    this.picture = pixels(this.link.get("picture"));
    const wanted = this.link.get("wanted");
    this.wanted = wanted && pixels(wanted);
    this.kernel = this.link.get("kernel");
    this.setArea("picture");
  }

  setArea(area) {
    this.area = area;
    this.shown = area === "picture" ? this.picture : this.drawArea(AREAS[area]);
    this.compares = this.wanted && area === "picture";
    this.compute();
  }

  /** What each new kernel costs, besides drawing. */
  compute() {
    this.response = correlatePixels(this.shown, this.kernel);
    this.isSigned = this.shown.values.some((value) => value < 0);
    const scales = {
      [this.area]: Math.max(1, largestOf(this.shown.values)),
      kernel: largest(this.kernel),
      response: largestOf(this.response.values, this.wanted?.values ?? []),
    };
    this.scales.offer(scales, this.isSigned ? [] : [this.area]);
    this.cursor.resize(...this.response.shape);
  }

  drawArea(brightness) {
    const [height, width] = this.picture.shape;
    const values = range(height).flatMap((row) => range(width).map((column) => brightness({ row, column }, width)));
    return { shape: [height, width], values };
  }

  get size() {
    return `${this.kernel.length} × ${this.kernel[0].length}`;
  }

  /** What the drawing is built for. */
  get layout() {
    return JSON.stringify([this.size, this.shown.shape, this.area, Boolean(this.wanted)]);
  }

  // ── drawing ────────────────────────────────────────────────────────────────────────────────────

  build() {
    const [rows, columns] = [this.kernel.length, this.kernel[0].length];
    const cell = clamp(Math.floor(Math.min(150 / rows, BENCH / columns)), 26, 40);
    const bench = Math.max(BENCH, columns * cell);
    const [count, others] = this.wanted ? [4, 100] : [2, bench + 74]; // gaps, and what the last name takes
    const beside = Math.floor((this.width - others) / count);
    const wrapped = Math.floor((this.width - 48) / 2); // two in a row, below the bench
    const side = clamp(beside < SMALLEST ? wrapped : beside, SMALLEST, this.wanted ? 200 : 230);
    this.built = this.layout;
    const view = (part, name, shape) => {
      const one = new PictureView({ part, label: name, shape, side });
      return { view: one, panel: new Panel(name, `${shape[0]} × ${shape[1]}`, one.node) };
    };
    this.before = view("picture", this.area, this.picture.shape);
    this.after = view("response", "response", this.response.shape);
    this.goal = this.compares && view("wanted", "wanted", this.wanted.shape);
    this.difference = this.compares && view("difference", "difference", this.wanted.shape);
    const views = [this.before, this.after, this.goal, this.difference].filter(Boolean);
    for (const { view: one } of views) this.cursor.listen(one);
    this.weights.build("Kernel", rows, columns, cell);
    const kernel = new Panel("kernel", this.size, this.weights.node);
    const pictures = views.map((one) => one.panel);
    if (this.wanted) this.stage.replaceChildren(panels(kernel, this.actions), panels(...pictures));
    else {
      const left = htmlElement("div", { class: "bench", style: `width: ${bench}px` }, kernel.node, this.actions);
      this.stage.replaceChildren(panels(left, ...pictures));
    }
    this.offerSizes();
    this.update();
  }

  offerSizes() {
    const [height, width] = this.picture.shape;
    const sides = this.wanted ? [] : SIDES.filter((side) => side <= Math.min(height, width));
    const sizes = new Set([this.size, ...sides.map((side) => `${side} × ${side}`)]);
    this.sizes.offer(Object.fromEntries([...sizes].sort().map((size) => [size, size])));
    this.sizes.input.value = this.size;
    this.sizes.input.disabled = sizes.size === 1;
  }

  update() {
    const scale = this.scales.of("response");
    this.before.view.show(this.shown.values, this.scales.of(this.area), this.isSigned);
    this.after.view.show(this.response.values, scale, true);
    if (this.compares) {
      const difference = this.response.values.map((value, i) => value - this.wanted.values[i]);
      this.off =
        largestOf(difference.filter((value) => value !== 0)) * (difference.some((value) => value !== 0) ? 1 : 0);
      this.goal.view.show(this.wanted.values, scale, true);
      this.difference.view.show(difference, scale, true);
    }
    this.showMatch();
    this.weights.show(this.kernel, this.scales.of("kernel"));
    this.areas.show(this.area);
    setText(this.badge, flatAnswer(sumOf(this.kernel)));
    this.badge.classList.toggle("zero", this.badge.textContent.startsWith("sum 0:"));
    this.place();
  }

  showMatch() {
    const matched = this.compares && this.off <= SAME * largestOf(this.wanted.values);
    const words = matched
      ? "Matched: your response is the wanted one."
      : `Largest difference from the wanted response: ${formatNumber(this.off ?? 0)}.`;
    setText(this.match, this.compares ? words : "");
    this.match.classList.toggle("matched", Boolean(matched));
  }

  place() {
    const { row, column } = this.cursor;
    this.before.view.mark(row, column, this.kernel.length, this.kernel[0].length);
    for (const one of [this.after, this.goal, this.difference]) if (one) one.view.mark(row, column);
    const index = row * this.response.shape[1] + column;
    const wanted = this.compares ? `, wanted ${formatNumber(this.wanted.values[index])}` : "";
    const words = `row ${row}, column ${column}: response ${formatNumber(this.response.values[index])}${wanted}`;
    setText(this.reading, words);
    this.say([words, this.badge.textContent, this.match.textContent].filter(Boolean).join(". "));
  }

  // ── what the reader does, and what Python does ─────────────────────────────────────────────────

  choose(kernel) {
    setText(this.weights.complaint, "");
    this.link.send({ kernel });
    this.modelChanged("kernel");
  }

  preset(name) {
    if (name === "") return;
    if (name === "start" && this.refuses(this.first.length, this.first[0].length)) return;
    const kernel = name === "start" ? this.first : PRESETS[name](this.kernel.length, this.kernel[0].length);
    this.choose(kernel);
    this.presets.input.value = name;
  }

  /** Grows with zeros around, or cuts the rim off. */
  reshape(rows, columns) {
    const [top, left] = [(rows - this.kernel.length) >> 1, (columns - this.kernel[0].length) >> 1];
    this.choose(range(rows).map((i) => range(columns).map((j) => this.kernel[i - top]?.[j - left] ?? 0)));
  }

  normalise() {
    const sum = sumOf(this.kernel);
    if (sum === 0) {
      return setText(this.weights.complaint, "The weights add up to 0, so no factor makes them add up to 1.");
    }
    this.choose(this.kernel.map((row) => row.map((weight) => Math.fround(weight / sum))));
  }

  transpose() {
    const [rows, columns] = [this.kernel.length, this.kernel[0].length];
    if (this.refuses(columns, rows)) return;
    this.choose(range(columns).map((i) => range(rows).map((j) => this.kernel[j][i])));
  }

  /** Whether a kernel cannot have this size, which is then told. */
  refuses(rows, columns) {
    const [height, width] = this.picture.shape;
    const fits = rows <= height && columns <= width;
    const differs = this.wanted && this.size !== `${rows} × ${columns}`;
    const reason = fits
      ? "would give a response of another size than is wanted"
      : `does not fit into the picture, which is ${height} × ${width}`;
    if (!fits || differs) setText(this.weights.complaint, `A kernel of ${rows} × ${columns} ${reason}.`);
    return !fits || differs;
  }

  tryOn(area) {
    this.setArea(area);
    this.redraw();
  }

  modelChanged(name) {
    if (name === "kernel") {
      const kernel = this.link.get("kernel");
      if (JSON.stringify(kernel) === JSON.stringify(this.kernel)) return;
      this.kernel = kernel;
      this.presets.input.value = "";
      this.compute();
    } else this.readModel();
    if (this.layout !== this.built) this.redraw();
    else this.update();
  }
}

export default widget(KernelBench);
