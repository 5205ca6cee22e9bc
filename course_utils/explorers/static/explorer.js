// What every explorer is: a root with a stage in it, a link to Python, a live text, and an end.

import { htmlElement, setText } from "./drawing.js";

const ANNOUNCE_AFTER = 350; // ms of rest, so that hovering does not flood a screen reader
const SEND_AFTER = 120; // ms of rest, so that hovering does not flood the kernel
const WIDTH_UNKNOWN = 800; // until the browser has laid out the page

/**
 * The base of all explorers. A constructor appends the stage and its controls to `root` and calls `start` last.
 *
 * link: the traits in Python; stage: what `build` fills; width: of the stage in pixels; id: no other explorer on the
 * page has it; say(words): speaks the words to screen readers once they have come to rest.
 *
 * A subclass has `build()`, which draws everything anew for this width and focuses nothing, and `modelChanged(name)`,
 * which is called when Python sets a trait.
 */
export class Explorer {
  #announcer = new Announcer();
  #watch = new ResizeObserver(() => this.#widthChanged());

  constructor({ model, el }, name, label) {
    this.link = new Link(model);
    this.id = `explorer-${Math.random().toString(36).slice(2)}`;
    this.width = WIDTH_UNKNOWN;
    // JupyterLab would take arrow keys for itself, and classic notebooks would too.
    const shortcutsOff = { "data-lm-suppress-shortcuts": "true" };
    const still = this.link.get("still");
    this.root = htmlElement("div", {
      class: `course-explorer ${name} alive-${still}`,
      role: "group",
      "aria-label": label,
      ...shortcutsOff,
    });
    this.root.addEventListener("keydown", (event) => event.stopPropagation());
    noMenuForFingers(this.root);
    this.stage = htmlElement("div", { class: "stage" });
    el.append(hiddenStill(still), this.root);
  }

  start(...traits) {
    this.root.append(this.#announcer.node);
    this.redraw();
    this.#watch.observe(this.stage);
    for (const name of traits) this.link.onChange(name, () => this.modelChanged(name));
  }

  /** Draws everything anew: at first, and when a size has changed. The focus stays where it is, and so does the page. */
  redraw() {
    const focused = this.root.contains(document.activeElement) ? document.activeElement : null;
    this.width = Math.round(this.stage.clientWidth) || WIDTH_UNKNOWN;
    this.build();
    const again = this.root.contains(focused)
      ? focused
      : this.stage.querySelector(`[data-part="${focused?.dataset.part}"]`);
    again?.focus({ preventScroll: true });
  }

  say(words) {
    this.#announcer.say(words);
  }

  remove() {
    this.#watch.disconnect();
    this.link.remove();
    this.#announcer.remove();
  }

  #widthChanged() {
    const width = Math.round(this.stage.clientWidth);
    if (width && width !== this.width) this.redraw();
  }
}

/** What anywidget wants of a module, made of an explorer's class. */
export function widget(Kind) {
  return {
    render(context) {
      const explorer = new Kind(context);
      return () => explorer.remove();
    },
  };
}

/** A text that screen readers speak when it has come to rest. */
class Announcer {
  #timer = 0;

  constructor() {
    this.node = htmlElement("div", { class: "for-screen-readers", role: "status", "aria-live": "polite" });
  }

  say(words) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => setText(this.node, words), ANNOUNCE_AFTER);
  }

  remove() {
    clearTimeout(this.#timer);
  }
}

/**
 * The model in Python: values come and go; a dead kernel is no reason to stop.
 *
 * Values wait here until they have come to rest, and only then are set and saved together: what is set but not saved
 * would be undone by the kernel's echo of the value saved before. Only what the reader changed is sent: all else would
 * undo what Python sets meanwhile.
 */
class Link {
  #waiting = {};
  #timer = 0;
  #listeners = [];

  constructor(model) {
    this.model = model;
  }

  get(name) {
    return name in this.#waiting ? this.#waiting[name] : this.model.get(name);
  }

  /** Calls `listener()` when a value comes; whatever waits to be sent under its name is older. */
  onChange(name, listener) {
    const heard = () => {
      delete this.#waiting[name];
      listener();
    };
    this.model.on(`change:${name}`, heard);
    this.#listeners.push([`change:${name}`, heard]);
  }

  send(values) {
    const isNew = ([name, value]) => JSON.stringify(value) !== JSON.stringify(this.get(name));
    Object.assign(this.#waiting, Object.fromEntries(Object.entries(values).filter(isNew)));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#flush(), SEND_AFTER);
  }

  #flush() {
    for (const [name, value] of Object.entries(this.#waiting)) this.model.set(name, value);
    this.#waiting = {};
    try {
      this.model.save_changes();
    } catch {
      // The kernel is gone: the picture goes on without it.
    }
  }

  remove() {
    clearTimeout(this.#timer);
    for (const [event, listener] of this.#listeners) this.model.off(event, listener);
  }
}

/**
 * Hides the still picture that Python displays after each explorer, for as long as the explorer itself is there.
 * Where it is not (a saved notebook opened anew), the picture stays; in JupyterLab, whose page holds all cells, also
 * when the same explorer lives in another cell.
 */
function hiddenStill(name) {
  const area = ".jp-OutputArea-child";
  const below = `${area}:has(.alive-${name}) + ${area}:has(.${name})`;
  return htmlElement("style", {}, `${below}, body:not(:has(${area})) .${name} { display: none; }`);
}

/** A tap that selects a number asks for a menu, and so does a finger that rests: JupyterLab would open its own. */
function noMenuForFingers(root) {
  let byTouch = false; // the event itself says so of a resting finger only
  const note = ({ pointerType }) => {
    byTouch = pointerType === "touch";
  };
  root.addEventListener("pointerdown", note, true);
  root.addEventListener("contextmenu", (event) => {
    if (!byTouch) return;
    event.preventDefault();
    event.stopPropagation();
  });
}

export function prefersReducedMotion() {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}
