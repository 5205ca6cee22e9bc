// The training film: scrub through gradient descent, drag the learning rate, and see the loss curve bend.

import { Choice, hint, line, Select, Slider } from "./controls.js";
import { Cursor } from "./cursor.js";
import { clamp, htmlElement, range, setAttributes, setText, svgElement } from "./drawing.js";
import { Explorer, widget } from "./explorer.js";
import { counted, formatNumber, largestOf, parseNumber, whyRefused } from "./numbers.js";
import { GridPanel, Panel, panels } from "./panels.js";
import { Player } from "./player.js";
import { Scales } from "./scales.js";

const NOTCHES = 300; // of the slider, whose ends are these parts of the largest stable rate
const [SLOWEST, FASTEST] = [0.01, 2];
const STEPS = [50, 100, 300, 1000, 2000]; // to choose from
const [ABOVE, BELOW] = [20, 2.2]; // room in the chart: times the first loss, and under the smallest
const LEAST = 1e-4; // of the first loss: what the chart's bottom never lies under
const NEAR = 1.01; // times the smallest loss: arrived
const LARGEST = 3.4e38; // which float32 can hold
const NAMED = 240; // room for the kernel, of up to 9 × 9, and its name with a step
const [LEFT, RIGHT, TOP, BOTTOM] = [46, 14, 8, 20]; // of the chart, in pixels: room for its labels

/**
 * Plain gradient descent on the mean squared error |A·w − b|²/N, from a kernel of zeros.
 *
 * gram: AᵀA; best: the least-squares kernel, for which AᵀA·best = Aᵀb; floor: its loss; count: N. So the slope at w is
 * 2AᵀA·(w − best)/N. Gives, for 0, 1, … `steps` steps, `losses` and `ways`, w − best one after the other. A loss that
 * is too large for float32 is Infinity, and there the kernel stays.
 */
export function descend({ gram, best, floor, count }, lr, steps) {
  const matrix = Float64Array.from(gram.flat());
  const way = Float64Array.from(best.flat(), (weight) => -weight);
  const slope = new Float64Array(way.length);
  const losses = new Float64Array(steps + 1);
  const ways = new Float64Array((steps + 1) * way.length);
  for (let step = 0; step <= steps; step++) {
    ways.set(way, step * way.length);
    let excess = 0;
    for (let i = 0, at = 0; i < way.length; i++) {
      let sum = 0;
      for (let j = 0; j < way.length; j++, at++) sum += matrix[at] * way[j];
      slope[i] = (2 * sum) / count;
      excess += (sum * way[i]) / count;
    }
    const loss = floor + excess;
    const isNumber = loss <= LARGEST;
    losses[step] = isNumber ? loss : Number.POSITIVE_INFINITY;
    if (isNumber) for (let i = 0; i < way.length; i++) way[i] -= lr * slope[i];
  }
  return { losses, ways };
}

/** Round numbers on a logarithmic axis: powers of ten, and 2 and 5 times these where there are few. */
export function logTicks(low, high) {
  const powers = range(Math.ceil(Math.log10(high / low)) + 2).map((i) => Math.floor(Math.log10(low)) + i);
  const between = high / low < 1000 ? [1, 2, 5] : [1];
  const ticks = powers.flatMap((power) => between.map((digit) => Number(`${digit}e${power}`)));
  return ticks.filter((tick) => tick >= low && tick <= high);
}

/** Values to a thousandth of their scale: short numbers, which do not flicker. */
function rounded(values, scale) {
  const digits = clamp(2 - Math.floor(Math.log10(scale)), 0, 12);
  return values.map((row) => row.map((value) => Number(value.toFixed(digits))));
}

/** Losses by step on a logarithmic axis, with a line for the optimum and a mark at one step; to be dragged over. */
class LossChart {
  constructor({ id, width, height, steps, low, high, floor }) {
    Object.assign(this, { steps, low, high, width: width - LEFT - RIGHT, height: height - TOP - BOTTOM });
    const box = { x: LEFT, y: TOP, width: this.width, height: this.height };
    this.curve = svgElement("path", { class: "curve", "clip-path": `url("#${id}-chart")` });
    this.at = svgElement("path", { class: "at" });
    this.dot = svgElement("circle", { r: 5.5, class: "dot" });
    const optimum = this.#y(floor);
    const under = floor < low ? ", below this axis" : "";
    const name = {
      x: LEFT + this.width - 6,
      y: optimum + (floor < low ? -5 : 13),
      "text-anchor": "end",
      class: "optimum-name",
    };
    this.node = svgElement(
      "g",
      { role: "slider", tabindex: 0, class: "grid", "data-part": "chart", "aria-label": "Step, on the loss curve" },
      svgElement("clipPath", { id: `${id}-chart` }, svgElement("rect", box)),
      svgElement("rect", { ...box, class: "ground" }),
      svgElement("rect", { x: 2, y: 2, width: width - 4, height: height - 4, rx: 4, class: "focus-ring" }),
      ...this.#axes(),
      svgElement("path", { class: "optimum", d: `M${LEFT} ${optimum}h${this.width}` }),
      svgElement("text", name, `least squares ${formatNumber(floor)}${under}`),
      this.curve,
      this.at,
      this.dot,
    );
    setAttributes(this.node, { "aria-valuemin": 0, "aria-valuemax": steps });
    this.svg = svgElement("svg", { width, height }, this.node);
  }

  #axes() {
    const losses = logTicks(this.low, this.high).flatMap((tick) => {
      const y = this.#y(tick);
      const words = svgElement("text", { x: LEFT - 6, y: y + 3.5, "text-anchor": "end", class: "index" });
      setText(words, formatNumber(tick));
      return [svgElement("path", { class: "tick", d: `M${LEFT} ${y}h${this.width}` }), words];
    });
    const steps = [...new Set([0, 0.25, 0.5, 0.75, 1].map((part) => Math.round(part * this.steps)))].map((step) => {
      const place = { x: this.#x(step), y: TOP + this.height + 14, "text-anchor": "middle", class: "index" };
      return svgElement("text", place, String(step));
    });
    return [...losses, ...steps];
  }

  #x(step) {
    return LEFT + (this.width * step) / this.steps;
  }

  #y(loss) {
    const part = Math.log10(Math.max(loss, this.low) / this.low) / Math.log10(this.high / this.low);
    return TOP + this.height * (1 - part);
  }

  /** Draws the curve, at most a point for each pixel; it ends where it leaves the chart. */
  show(losses) {
    const stride = Math.ceil(this.steps / this.width);
    const points = [];
    for (let step = 0; step <= this.steps; step += stride) {
      const loss = Math.min(losses[step], 1e9 * this.high);
      points.push(`${this.#x(step).toFixed(1)} ${this.#y(loss).toFixed(1)}`);
      if (loss > this.high) break;
    }
    setAttributes(this.curve, { d: `M${points.join("L")}` });
  }

  mark(step, loss, words) {
    const [x, y] = [this.#x(step), this.#y(Math.min(loss, this.high))];
    setAttributes(this.at, { d: `M${x} ${TOP}v${this.height}` });
    setAttributes(this.dot, { cx: x, cy: y });
    this.dot.classList.toggle("outside", loss > this.high);
    setAttributes(this.node, { "aria-valuenow": step, "aria-valuetext": words });
  }

  /** The step under a pointer, as [0, step]; beside the chart it is the first or the last. */
  cellAt({ clientX }) {
    const x = clientX - this.svg.getBoundingClientRect().left - LEFT;
    return [0, clamp(Math.round((x / this.width) * this.steps), 0, this.steps)];
  }
}

class TrainingFilm extends Explorer {
  constructor(context) {
    super(context, "training-film", "Training film");
    this.shown = "now";
    // Dragged, not hovered: else the way to the learning rate would move the film.
    this.cursor = new Cursor({
      onMove: () => this.goTo(this.cursor.column),
      onTake: () => this.player.stop(),
      isBusy: () => true,
    });
    this.player = new Player({
      speeds: [5, 20, 60, 200, 600],
      unit: "steps",
      onFrame: () => this.filmed(),
      describe: (step) => [`step ${step}`, `step ${step} of ${this.steps}`],
    });
    this.scales = new Scales(() => this.place());
    this.rate = new Slider("Learning rate", (notch) => this.setRate(this.rateAt(notch)), { max: NOTCHES });
    this.limitMark = htmlElement("span", { class: "limit", "aria-hidden": "true" });
    const track = htmlElement("span", { class: "track" });
    this.rate.input.replaceWith(track);
    track.append(this.rate.input, this.limitMark);
    const label = "Learning rate, typed";
    this.field = htmlElement("input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": label });
    this.field.addEventListener("focus", () => this.field.select());
    this.field.addEventListener("change", () => this.typed());
    this.complaint = htmlElement("div", { class: "complaint", role: "alert" });
    this.verdict = htmlElement("div", { class: "verdict" });
    this.lengths = new Select("Steps", {}, (steps) => this.setSteps(Number(steps)));
    const views = { now: "at this step", best: "least squares", rest: "still to go" };
    this.views = new Choice("Kernel", `${this.id}-view`, views, (view) => {
      this.shown = view;
      this.place();
    });
    this.root.append(
      line(this.rate.node, this.field, this.lengths.node),
      this.complaint,
      this.verdict,
      this.stage,
      this.player.node,
      line(htmlElement("span", {}, "Kernel"), this.views.node, this.scales.node),
      hint("Drag the learning rate across 2/λmax. Drag over the curve to scrub; arrow keys go step by step."),
    );
    this.readModel();
    this.start("problem", "lr", "steps", "step");
  }

  remove() {
    this.player.stop();
    super.remove();
  }

  readModel() {
    this.problem = this.link.get("problem");
    [this.lr, this.steps, this.step] = ["lr", "steps", "step"].map((name) => this.link.get(name));
    this.limit = 2 / this.problem.steepest;
    this.compute();
  }

  /** What each new learning rate costs, besides drawing. */
  compute() {
    this.run = descend(this.problem, this.lr, this.steps);
    this.step = Math.min(this.step, this.steps);
    this.cursor.resize(1, this.steps + 1);
    this.player.resize(this.steps + 1);
    this.show(this.step);
  }

  /** Lets chart and player know the step. */
  show(step) {
    this.step = step;
    this.cursor.place(0, step);
    this.player.leave(step);
    this.player.active = true; // Play goes on from here
  }

  rateAt(notch) {
    const rate = this.limit * SLOWEST * (FASTEST / SLOWEST) ** (notch / NOTCHES);
    return Number(rate.toPrecision(3));
  }

  /** Where on the slider a rate lies, from 0 to 1. */
  partOf(rate) {
    return clamp(Math.log(rate / this.limit / SLOWEST) / Math.log(FASTEST / SLOWEST), 0, 1);
  }

  // ── drawing ────────────────────────────────────────────────────────────────────────────────────

  build() {
    const { best, floor } = this.problem;
    const side = best.length;
    const cell = clamp(Math.floor(200 / side), 22, 40);
    this.kernel = new GridPanel({ id: this.id, part: "kernel", name: "kernel", rows: side, columns: side, cell });
    setAttributes(this.kernel.grid.node, { tabindex: null }); // no key does anything there
    const taken = this.kernel.node.querySelector("svg");
    const [width, height] = ["width", "height"].map((name) => Number(taken.getAttribute(name)));
    const first = this.run.losses[0];
    const beside = this.width - NAMED - 28;
    this.kernel.node.style.maxWidth = `${Math.max(width, NAMED)}px`; // its name must not push the chart away
    this.chart = new LossChart({
      id: this.id,
      width: beside < 260 ? this.width : beside,
      height: Math.max(220, height),
      steps: this.steps,
      low: Math.max(floor / BELOW, LEAST * first),
      high: ABOVE * first,
      floor,
    });
    this.cursor.listen(this.chart);
    this.curve = new Panel("loss", "", this.chart.svg);
    this.stage.replaceChildren(panels(this.kernel, this.curve));
    const choices = [...new Set([...STEPS, this.steps])].sort((a, b) => a - b);
    this.lengths.offer(Object.fromEntries(choices.map((steps) => [steps, String(steps)])));
    this.lengths.input.value = this.steps;
    setAttributes(this.limitMark, { style: `--part: ${this.partOf(this.limit)}` });
    setText(this.limitMark, `2/λmax = ${formatNumber(this.limit)}`);
    this.update();
  }

  /** Shows another run. */
  update() {
    const { lr, limit } = this;
    const words = `${formatNumber(lr / limit)} × 2/λmax`;
    this.rate.show(Math.round(this.partOf(lr) * NOTCHES), words, `${formatNumber(lr)}, which is ${words}`);
    this.field.value = formatNumber(lr);
    this.root.classList.toggle("diverges", lr > limit);
    setText(this.verdict, this.judged());
    this.chart.show(this.run.losses);
    this.views.show(this.shown);
    this.place();
  }

  /** Whether least squares leaves next to nothing: no loss is within 1 % of that, or so many times as large. */
  get exact() {
    return this.problem.floor <= LEAST * this.run.losses[0];
  }

  /** What becomes of this run, in words. */
  judged() {
    const { losses } = this.run;
    const { floor, steepest } = this.problem;
    const factor = 1 - this.lr * steepest;
    const times = `In the steepest direction, each step multiplies the distance to the bottom by ${formatNumber(factor)}`;
    if (factor < -1) {
      const gone = losses.findIndex((loss) => loss > this.chart.high);
      const when = gone < 0 ? "it has only begun" : `at step ${gone} the loss leaves the chart`;
      return `It diverges: ${when}. ${times}: to the other side, and farther away.`;
    }
    const arrived = losses.findIndex((loss) => loss <= NEAR * floor);
    const arrives = this.exact
      ? `With least squares nothing is left; after ${counted(this.steps, "step")} the loss is ${formatNumber(losses.at(-1))}.`
      : arrived < 0
        ? `Not within 1 % of least squares after ${counted(this.steps, "step")}.`
        : `Within 1 % of least squares from step ${arrived} on.`;
    return `${arrives} ${times}: ${factor < 0 ? "to the other side, but nearer" : "nearer, on the same side"}.`;
  }

  /** Shows the film at its step: this is what scrubbing costs. */
  place() {
    this.step = this.player.index;
    this.cursor.place(0, this.step);
    const { best, floor } = this.problem;
    const side = best.length;
    const way = this.run.ways.subarray(this.step * side * side, (this.step + 1) * side * side);
    const weight = {
      now: (row, column) => best[row][column] + way[row * side + column],
      best: (row, column) => best[row][column],
      rest: (row, column) => -way[row * side + column],
    }[this.shown];
    const values = best.map((weights, row) => weights.map((_, column) => weight(row, column)));
    this.scales.offer({ kernel: largestOf([...best.flat(), ...values.flat()]) });
    this.kernel.grid.show(rounded(values, this.scales.of("kernel")), this.scales.of("kernel"), true);
    this.kernel.resize(
      this.shown === "best"
        ? "least squares"
        : `${this.shown === "rest" ? "still to go " : ""}after ${counted(this.step, "step")}`,
    );
    const loss = this.run.losses[this.step];
    const ratio = this.exact ? "" : `, ${formatNumber(loss / floor)} × least squares`;
    const words = `step ${this.step}: ${formatNumber(loss)}${ratio}`;
    this.curve.resize(words);
    this.chart.mark(this.step, loss, `step ${this.step}, loss ${formatNumber(loss)}${ratio}`);
    this.player.show();
    this.say(`Learning rate ${formatNumber(this.lr)}. Loss at ${words}. ${this.verdict.textContent}`);
  }

  // ── what the reader does, and what Python does ─────────────────────────────────────────────────

  goTo(step) {
    this.show(step);
    this.filmed();
  }

  /** The film is at another step, by hand or because it plays. */
  filmed() {
    this.place();
    this.link.send({ step: this.step });
  }

  setRate(lr) {
    setText(this.complaint, "");
    this.lr = lr;
    this.link.send({ lr });
    this.compute();
    this.update();
  }

  typed() {
    const value = parseNumber(this.field.value);
    const typed = this.field.value.trim();
    if (value > 0 && Number.isFinite(value)) return this.setRate(Number(value.toPrecision(6)));
    const why = value <= 0 && value !== null ? "is not above 0: such a step would not go downhill" : whyRefused(value);
    this.field.value = formatNumber(this.lr);
    setText(this.complaint, `“${typed}” ${why}. So the learning rate stays ${formatNumber(this.lr)}.`);
  }

  setSteps(steps) {
    this.link.send({ steps, step: Math.min(this.step, steps) });
    this.readModel();
    this.redraw();
  }

  modelChanged(name) {
    if (name !== "problem" && this.link.get(name) === this[name]) return;
    this.readModel();
    if (name === "problem" || name === "steps") this.redraw();
    else this.update();
  }
}

export default widget(TrainingFilm);
