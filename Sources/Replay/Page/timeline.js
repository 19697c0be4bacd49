import { byID, prepareCanvas } from "./dom.js";
import { drawMark } from "./faults.js";
import { number } from "./format.js";

/** Half the width of the slider's thumb: where its track begins. */
const INSET = 8;
/** What the name of a game takes. */
const LABEL = 46;
/** Marks closer than this are drawn as one. */
const MARK = 11;

/** The slider, and above it the marks of faults and games. */
export class Timeline {
  constructor(replay, colours, seek) {
    this.replay = replay;
    this.colours = colours;
    this.slider = byID("position");
    this.marks = byID("marks");
    this.slider.addEventListener("input", () => seek(Number(this.slider.value)));
    this.marks.addEventListener("pointerdown", (event) => {
      const { width } = this.marks.getBoundingClientRect();
      const part = (event.offsetX - INSET) / Math.max(1, width - 2 * INSET);
      const [from, to] = this.range;
      const position = Math.round(from + Math.min(1, Math.max(0, part)) * (to - from));
      seek(this.nearMark(event.offsetX) ?? position);
    });
    this.setRange([0, Math.max(0, replay.length - 1)]);
  }

  setRange(range) {
    this.range = range;
    [this.slider.min, this.slider.max] = range;
    const [faults, games] = [this.visibleFaults().length, this.boundaries().length];
    this.marks.hidden = faults + games === 0;
    // The names of games stand above the marks of faults.
    this.marks.classList.toggle("tall", faults > 0 && games > 0);
    this.draw();
  }

  visibleFaults() {
    const [from, to] = this.range;
    return this.replay.faults.filter((run) => run.first <= to && run.last >= from);
  }

  /** First positions of games after the first one that can be seen. */
  boundaries() {
    const [from, to] = this.range;
    return this.replay.games.filter((game) => game.first > from && game.first <= to && game.last >= game.first);
  }

  x(position, width) {
    const [from, to] = this.range;
    return INSET + ((position - from) / Math.max(1, to - from)) * (width - 2 * INSET);
  }

  draw() {
    if (this.marks.hidden) return;
    const { context, width, height } = prepareCanvas(this.marks);
    const boundaries = this.boundaries();
    context.fillStyle = this.colours.get("muted");
    context.font = "10px ui-sans-serif, system-ui, sans-serif";
    context.textBaseline = "top";
    let labelled = -Infinity;
    for (const game of boundaries) {
      const x = Math.round(this.x(game.first, width));
      context.fillRect(x, 0, 1, height);
      if (x - labelled < LABEL || width - x < LABEL) continue;
      context.fillText(`game ${number(game.index + 1)}`, x + 3, 0);
      labelled = x;
    }
    this.placed = [];
    for (const run of this.visibleFaults()) {
      const x = this.x(Math.max(run.first, this.range[0]), width);
      const end = this.x(Math.min(run.last, this.range[1]), width);
      const lane = height - 7 - (run.seat % 2 ? 0 : 8) + (this.replay.seats > 1 ? 0 : 8);
      if (end - x > MARK) {
        context.fillStyle = this.colours.seat(run.seat);
        context.globalAlpha = 0.35;
        context.fillRect(x, lane - 1.5, end - x, 3);
        context.globalAlpha = 1;
      }
      const last = this.placed.findLast((mark) => mark.seat === run.seat);
      if (last && x - last.x < MARK && last.kind === run.kind) continue;
      this.placed.push({ x, seat: run.seat, kind: run.kind, position: run.first });
      drawMark(context, run.kind.shape, x, lane, 9, this.colours.seat(run.seat));
    }
  }

  /** The fault whose mark is under the pointer. */
  nearMark(x) {
    const near = (this.placed ?? []).filter((mark) => Math.abs(mark.x - x) < MARK / 2);
    near.sort((a, b) => Math.abs(a.x - x) - Math.abs(b.x - x));
    return near[0]?.position;
  }

  show(position, text) {
    this.slider.value = position;
    const [from, to] = this.range;
    this.slider.style.setProperty("--progress", String((position - from) / Math.max(1, to - from)));
    if (text !== null) this.slider.setAttribute("aria-valuetext", text);
  }
}
