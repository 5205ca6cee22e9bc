// The size dial: how many windows fit, which pixels each of them sees, and which pixels none of them sees.

import { button, Dial, hint, line } from "./controls.js";
import { Cursor } from "./cursor.js";
import { clamp, Frame, htmlElement, range, setAttributes, setText, svgElement, textAt } from "./drawing.js";
import { Explorer, widget } from "./explorer.js";
import { counted } from "./numbers.js";

const [MOST_PIXELS, MOST_PADDING, MOST_STRIDE, MOST_DILATION] = [32, 6, 16, 16];
const MARGIN = 4; // for frames and rings
const NAME = 20; // room for a row's name
const FAN = 46; // between the rows
const LOWEST = 18; // of a cell, however narrow

/** All that follows from the five numbers. Positions are counted in the padded row. */
export function windows({ n, k, padding, stride, dilation }) {
  const padded = n + 2 * padding;
  const span = dilation * (k - 1) + 1;
  const steps = (padded - span) / stride;
  const size = Math.floor(steps) + 1;
  const seen = (output) => range(k).map((tap) => output * stride + tap * dilation);
  const reached = new Set(range(Math.max(size, 0)).flatMap(seen));
  const unreached = range(n).filter((pixel) => !reached.has(pixel + padding));
  return { padded, span, steps, size, seen, unreached, reached };
}

/** The size formula, and the same with its numbers and the result. */
export function formula({ n, k, padding, stride, dilation }) {
  const over = n + 2 * padding - dilation * (k - 1) - 1;
  const numbers = `⌊(${n} + 2·${padding} − ${dilation}·(${k} − 1) − 1)/${stride}⌋ + 1`;
  return [
    "output = ⌊(n + 2p − d·(k − 1) − 1)/s⌋ + 1",
    `= ${numbers} = ⌊${over}/${stride}⌋ + 1 = ${Math.floor(over / stride) + 1}`,
  ];
}

/** The line of PyTorch that has these numbers; what is as PyTorch has it by itself is left out. */
export function codeLine({ k, padding, stride, dilation }) {
  const more = Object.entries({ stride, padding, dilation }).filter(
    ([name, value]) => value !== Number(name !== "padding"),
  );
  return `nn.Conv2d(1, 1, ${[`kernel_size=${k}`, ...more.map(([name, value]) => `${name}=${value}`)].join(", ")})`;
}

/** Cells in a row, of which one is where the reader is and some are linked with it. */
class DialRow {
  constructor({ id, part, label, middles, y, cell, high, words }) {
    const apart = middles.length > 1 ? middles[1] - middles[0] : Number.POSITIVE_INFINITY;
    const wide = Math.max(cell, Math.min(apart, high)); // a narrow output has room beside it
    Object.assign(this, { id, part, middles, y, wide, high });
    const size = clamp(Math.floor(wide * 0.5), 9, 14);
    const named = [1, 2, 5, 10].find((every) => every * apart >= 1.15 * size + 2); // two digits and a gap
    this.cells = middles.map((middle, i) => {
      const rect = svgElement("rect", { x: middle - wide / 2, y, width: wide, height: high, class: "cell" });
      return svgElement("g", { role: "gridcell", id: `${id}-${part}-${i}`, "aria-label": words(i) || "padding" }, rect);
    });
    this.names = middles.map((middle, i) =>
      textAt(words(i) % named === 0 ? words(i) : "", middle, y + high / 2, size, { class: "number" }),
    );
    this.frame = new Frame();
    const [left, right] = [middles[0] - wide / 2, middles.at(-1) + wide / 2];
    const ring = { x: left - 4, y: y - 4, width: right - left + 8, height: high + 8, rx: 4, class: "focus-ring" };
    const ground = { x: left, y, width: right - left, height: high, fill: "transparent" }; // the gaps are hovered, too
    this.node = svgElement(
      "g",
      { role: "grid", tabindex: 0, "aria-label": label, class: "grid", "data-part": part },
      svgElement("rect", ring),
      svgElement("rect", ground),
      svgElement("g", { role: "row" }, ...this.cells),
      svgElement("g", { "aria-hidden": "true" }, ...this.names), // above all cells, as some are wider than theirs
      this.frame.node,
    );
  }

  /** Where the reader is in this row, framed where the row is the active one; and which cells are linked. */
  show(place, isActive, linked) {
    this.frame.node.style.display = isActive ? "" : "none";
    this.frame.place(this.middles[place] - this.wide / 2, this.y, this.wide, this.high);
    setAttributes(this.node, { "aria-activedescendant": `${this.id}-${this.part}-${place}` });
    const isLinked = new Set(linked);
    this.mark("linked", (i) => isLinked.has(i));
  }

  /** Gives cells and their numbers a class, or takes it. */
  mark(kind, has) {
    for (const all of [this.cells, this.names]) {
      for (const [i, node] of all.entries()) node.classList.toggle(kind, has(i));
    }
  }

  /** The nearest cell, as [0, index]. */
  cellAt({ clientX }) {
    const x = clientX - this.node.ownerSVGElement.getBoundingClientRect().left;
    const away = this.middles.map((middle) => Math.abs(middle - x));
    return [0, away.indexOf(Math.min(...away))];
  }
}

class SizeDial extends Explorer {
  constructor(context) {
    super(context, "size-dial", "Size dial");
    this.active = "output";
    this.outputs = new Cursor({ onMove: () => this.moved("output", this.outputs) });
    this.inputs = new Cursor({ onMove: () => this.moved("input", this.inputs) });
    this.complaint = htmlElement("div", { class: "complaint", role: "alert" });
    const dial = (name, words) =>
      new Dial(words, {
        onInput: (value) => this.turn({ [name]: value }),
        refuse: (value) => this.refuse(name, value),
        onRefuse: (sentence) => setText(this.complaint, sentence),
      });
    this.dials = {
      n: dial("n", "n, input"),
      k: dial("k", "k, kernel"),
      padding: dial("padding", "p, padding"),
      stride: dial("stride", "s, stride"),
      dilation: dial("dilation", "d, dilation"),
    };
    this.reading = htmlElement("div", { class: "reading", "aria-hidden": "true" });
    this.formula = htmlElement("div", { class: "formula" });
    this.floor = htmlElement("div", { class: "floor" });
    const isText = { role: "textbox", "aria-readonly": true, tabindex: 0 };
    this.code = htmlElement("code", { class: "code", "aria-label": "the layer in PyTorch", ...isText });
    this.copied = htmlElement("span", { role: "status" });
    this.root.append(
      line(...Object.values(this.dials).map((one) => one.node)),
      this.complaint,
      this.stage,
      this.reading,
      this.formula,
      this.floor,
      line(
        this.code,
        button("Copy", () => this.copy()),
        this.copied,
      ),
      hint(
        "Point at an output to see the pixels of its window, at a pixel to see its outputs; click to pin, arrow keys move.",
      ),
    );
    this.readModel();
    this.start("n", "k", "padding", "stride", "dilation");
  }

  readModel() {
    this.numbers = Object.fromEntries(Object.keys(this.dials).map((name) => [name, this.link.get(name)]));
    this.windows = windows(this.numbers);
    this.outputs.resize(1, this.windows.size);
    this.inputs.resize(1, this.windows.padded);
  }

  /** How far each number can go while the others stay. */
  limits() {
    const { n, k, padding, dilation } = this.numbers;
    const { padded, span } = this.windows;
    return {
      n: [Math.max(1, span - 2 * padding), MOST_PIXELS],
      k: [1, Math.floor((padded - 1) / dilation) + 1],
      padding: [Math.max(0, Math.ceil((span - n) / 2)), MOST_PADDING],
      stride: [1, MOST_STRIDE],
      dilation: [1, k === 1 ? MOST_DILATION : Math.min(MOST_DILATION, Math.floor((padded - 1) / (k - 1)))],
    };
  }

  /** Why a number cannot be taken, or null. */
  refuse(name, value) {
    const [[min, max], first] = [this.limits()[name], { n: 1, k: 1, padding: 0, stride: 1, dilation: 1 }[name]];
    const most = { n: MOST_PIXELS, padding: MOST_PADDING, stride: MOST_STRIDE, dilation: MOST_DILATION }[name];
    if (value < first) return `${value} is less than ${first}.`;
    if (value > most) return `${value} is more than ${most}, the most that is drawn.`;
    if (value >= min && value <= max) return null;
    const { span, padded } = windows({ ...this.numbers, [name]: value });
    return `A kernel that spans ${span} does not fit into ${padded} pixels with padding: nothing would be left.`;
  }

  // ── drawing ────────────────────────────────────────────────────────────────────────────────────

  build() {
    const { n, padding, stride } = this.numbers;
    const { padded, span, size, reached } = this.windows;
    const cell = Math.min(36, (this.width - 2 * MARGIN) / padded);
    const high = Math.max(cell, LOWEST);
    const middle = (position) => MARGIN + (position + 0.5) * cell;
    const inputs = range(padded).map(middle);
    const outputs = range(size).map((i) => middle(i * stride + (span - 1) / 2));
    const isPadding = (i) => i < padding || i >= padding + n;
    const [top, bottom] = [NAME, NAME + high + FAN];
    const paddedBy = padding ? ` between ${counted(padding, "zero")} of padding on each side` : "";
    this.inputRow = new DialRow({
      id: this.id,
      part: "inputs",
      label: `Input, ${counted(n, "pixel")}${paddedBy}`,
      middles: inputs,
      y: top,
      cell,
      high,
      words: (i) => (isPadding(i) ? "" : String(i - padding)),
    });
    const label = `Output, ${counted(size, "number")}`;
    this.outputRow = new DialRow({
      id: this.id,
      part: "outputs",
      label,
      middles: outputs,
      y: bottom,
      cell,
      high,
      words: String,
    });
    this.inputRow.mark("padding", isPadding);
    this.inputRow.mark("unreached", (i) => !reached.has(i));
    this.listenTo("output", this.outputRow, this.outputs);
    this.listenTo("input", this.inputRow, this.inputs);
    this.fan = svgElement("path", { class: "fan", "pointer-events": "none" });
    const [width, height] = [padded * cell + 2 * MARGIN, bottom + high + NAME + MARGIN];
    const name = (words, more, y) => {
      const text = svgElement("text", { x: MARGIN, y, class: "caption" }, words);
      text.append(svgElement("tspan", { class: "size", dx: 6 }, more));
      return text;
    };
    const hatch = svgElement(
      "pattern",
      { id: `${this.id}-hatch`, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
      svgElement("rect", { width: 6, height: 6, fill: "#fff" }),
      svgElement("rect", { width: 1.5, height: 6, class: "hatch" }),
    );
    this.root.style.setProperty("--hatch", `url("#${this.id}-hatch")`);
    this.stage.replaceChildren(
      svgElement(
        "svg",
        { width, height },
        svgElement("defs", {}, hatch),
        name("input", counted(n, "pixel") + (padding ? `, ${padding} of padding (dashed) on each side` : ""), 12),
        this.fan,
        this.inputRow.node,
        this.outputRow.node,
        name("output", `${size}`, bottom + high + 16),
      ),
    );
    this.update();
  }

  update() {
    const { numbers, windows: found } = this;
    const limits = this.limits();
    for (const [name, dial] of Object.entries(this.dials)) dial.show(numbers[name], ...limits[name]);
    this.formula.replaceChildren(...formula(numbers).map((words) => htmlElement("div", {}, words)));
    this.showFloor(found);
    setText(this.code, codeLine(numbers));
    setText(this.copied, "");
    this.place();
  }

  /** The windows' steps as blocks; the part of a step that the floor throws away is hatched. */
  showFloor({ steps, unreached }) {
    const whole = Math.floor(steps);
    const over = steps - whole;
    const gone = unreached.length;
    const pixelWords = gone === 1 ? `Pixel ${unreached[0]} is` : `Pixels ${unreached.join(", ")} are`;
    const lost = gone ? `${pixelWords} in no window.` : "Every pixel is in some window.";
    const { stride } = this.numbers;
    const rest = Math.round(over * stride);
    const fraction = rest
      ? `${whole * stride + rest}/${stride} = ${whole} + ${rest}/${stride} steps: ⌊ ⌋ throws ${rest}/${stride} of a step away.`
      : `${counted(whole, "step")}, nothing thrown away.`;
    const block = (share, kind) => htmlElement("i", { class: kind, style: `width: ${14 * share}px` });
    const blocks = [...range(whole).map(() => block(1, "step")), ...(over ? [block(over, "step thrown")] : [])];
    this.floor.replaceChildren(
      htmlElement("span", { class: "steps", "aria-hidden": "true" }, ...blocks),
      `${fraction} ${lost}`,
    );
  }

  /** Shows which cells belong together: this is what a hover costs. */
  place() {
    const { padding, n } = this.numbers;
    const { seen, size } = this.windows;
    const [output, input] = [this.outputs.column, this.inputs.column];
    const ofOutput = this.active === "output";
    const sees = range(size).filter((i) => seen(i).includes(input));
    this.inputRow.show(input, !ofOutput, ofOutput ? seen(output) : []);
    this.outputRow.show(output, ofOutput, ofOutput ? [] : sees);
    const pairs = ofOutput ? seen(output).map((tap) => [output, tap]) : sees.map((one) => [one, input]);
    const bottom = this.inputRow.y + this.inputRow.high;
    const path = ([from, to]) =>
      `M${this.outputRow.middles[from]} ${this.outputRow.y}L${this.inputRow.middles[to]} ${bottom}`;
    setAttributes(this.fan, { d: pairs.map(path).join("") });
    const name = (i) => (i < padding || i >= padding + n ? "padding" : String(i - padding));
    const words = ofOutput
      ? `output ${output} sees ${seen(output).map(name).join(", ")}`
      : `${name(input) === "padding" ? "this padding" : `pixel ${name(input)}`} is seen by ${sees.length ? `output ${sees.join(", ")}` : "no output"}`;
    const pinned = this.outputs.pinned ? " (pinned)" : "";
    setText(this.reading, words + pinned);
    this.say(`${words}. Output size ${size}. ${this.floor.textContent}`);
  }

  // ── what the reader does, and what Python does ─────────────────────────────────────────────────

  /** A row that gets the focus is the active one, and says where the reader is in it. */
  listenTo(name, row, cursor) {
    cursor.listen(row);
    row.node.addEventListener("focus", () => {
      this.active = name;
      this.place();
    });
  }

  /** The two rows share one pin. */
  moved(row, cursor) {
    this.active = row;
    this.outputs.pinned = cursor.pinned;
    this.inputs.pinned = cursor.pinned;
    this.place();
  }

  turn(values) {
    this.link.send(values);
    this.modelChanged();
  }

  async copy() {
    getSelection().selectAllChildren(this.code);
    try {
      await navigator.clipboard.writeText(this.code.textContent);
      setText(this.copied, "Copied.");
    } catch {
      setText(this.copied, "Selected: press Ctrl+C.");
    }
  }

  modelChanged() {
    if (Object.entries(this.numbers).every(([name, value]) => this.link.get(name) === value)) return;
    this.readModel();
    this.redraw();
  }
}

export default widget(SizeDial);
