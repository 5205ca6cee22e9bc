// A film: play, pause, one step on or back, scrub, speed; without motion where the reader wants none.

import { button, line, Slider } from "./controls.js";
import { clamp, setText } from "./drawing.js";
import { prefersReducedMotion } from "./explorer.js";

/**
 * Plays `length` frames. `index` is the frame, `phase` from 0 to 1 how far it is, and `active` whether the film is
 * what is shown (`leave` turns it off: the reader has gone somewhere by hand).
 *
 * speeds: frames a second to choose from; unit: what a frame is called, such as "positions"; onFrame(): draw.
 * describe(index, tick): [text, spoken text] of a place in the film. A frame that plays in several ticks gives
 * phaseOf(tick) and tickOf(phase), and sets `ticks`. `node` is the line of controls.
 */
export class Player {
  #options;
  #animation = 0;

  constructor(options) {
    this.#options = { speed: 2, phaseOf: () => 1, tickOf: () => 0, ...options };
    Object.assign(this, { length: 1, ticks: 1, index: 0, phase: 1, active: false, playing: false });
    this.speed = this.#options.speed;
    this.playButton = button("Play", () => (this.playing ? this.pause() : this.play()), { class: "play" });
    this.speedSlider = new Slider("Speed", (speed) => this.setSpeed(speed), { max: options.speeds.length - 1 });
    this.filmSlider = new Slider("Film", (tick) => this.#scrub(tick), { class: "film" });
    const [back, step] = [button("Back", () => this.step(-1)), button("Step", () => this.step(1))];
    this.node = line(back, this.playButton, step, this.speedSlider.node, this.filmSlider.node);
  }

  /** A film of another length does not play on. */
  resize(length, ticks = 1) {
    if (length !== this.length || ticks !== this.ticks) this.stop();
    Object.assign(this, { length, ticks });
    this.index = clamp(this.index, 0, length - 1);
    this.filmSlider.limit(length * ticks - 1);
  }

  setSpeed(speed) {
    this.speed = speed;
    this.show();
  }

  /** Shows its state in the controls. */
  show() {
    const { describe, speeds, tickOf, unit } = this.#options;
    const tick = tickOf(this.phase);
    this.filmSlider.show(this.index * this.ticks + tick, ...describe(this.index, tick));
    this.speedSlider.show(this.speed, `${speeds[this.speed]}/s`, `${speeds[this.speed]} ${unit} per second`);
    setText(this.playButton, this.playing ? "Pause" : "Play");
  }

  play() {
    const resumes = this.active && !(this.index === this.length - 1 && this.phase >= 1);
    if (resumes) this.#run(this.index, this.phase, this.length - 1);
    else this.#run(0, 0, this.length - 1);
  }

  pause() {
    this.stop();
    this.#options.onFrame();
  }

  stop() {
    cancelAnimationFrame(this.#animation);
    this.playing = false;
  }

  /** The reader has gone to a frame by hand: it is shown whole, and so is all the rest. */
  leave(index) {
    this.stop();
    Object.assign(this, { index, phase: 1, active: false });
  }

  /** One frame forward, tick by tick; or one frame back. */
  step(by) {
    this.stop();
    const finishes = by > 0 && this.active && this.phase < 1;
    const index = clamp(finishes ? this.index : this.index + by, 0, this.length - 1);
    const moves = index !== this.index || finishes;
    if (by > 0 && moves && this.ticks > 1) this.#run(index, finishes ? this.phase : 0, index);
    else this.#go(index, 1);
  }

  #scrub(tick) {
    this.stop();
    this.#go(Math.floor(tick / this.ticks), this.#options.phaseOf(tick % this.ticks));
  }

  #go(index, phase) {
    Object.assign(this, { index, phase, active: true });
    this.#options.onFrame();
  }

  /** Plays from a phase of one frame to the end of another. */
  #run(index, phase, lastIndex) {
    const whole = prefersReducedMotion();
    let time = null;
    let [at, part] = [index, phase];
    this.playing = true;
    const frame = (now) => {
      part += ((now - (time ?? now)) / 1000) * this.#options.speeds[this.speed];
      time = now;
      const passed = Math.min(Math.floor(part), lastIndex - at);
      at += passed;
      part = Math.min(part - passed, 1);
      if (part >= 1) this.playing = false;
      this.#go(at, whole ? 1 : part);
      if (this.playing) this.#animation = requestAnimationFrame(frame);
    };
    this.#animation = requestAnimationFrame(frame);
    this.#go(index, whole ? 1 : phase);
  }
}
