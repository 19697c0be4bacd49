import { dashes } from "./colours.js";
import { prepareCanvas } from "./dom.js";

const LEFT = 52;
const RIGHT = 8;
const TOP = 8;
const BOTTOM = 6;
/** Points closer than this, in pixels, are drawn as one. */
const SPACING = 4;

/** A line chart over the positions of a match, one line per seat; a click seeks. */
export class Chart {
  /**
   * `lines` is a list of `{seat, values, faint}` over `positions`; `label` writes a value; `isSteps` keeps a value until the next one;
   * `mayBeLogarithmic` where values differ by orders of magnitude.
   */
  constructor(figure, colours, { positions, lines, label, isSteps = false, mayBeLogarithmic = false, unit = 1 }, seek) {
    Object.assign(this, { colours, positions, lines, label, isSteps, mayBeLogarithmic, unit });
    this.canvas = figure.querySelector("canvas");
    this.cursor = figure.querySelector(".cursor");
    const toPosition = (event) => {
      const { width } = this.canvas.getBoundingClientRect();
      const part = (event.offsetX - LEFT) / Math.max(1, width - LEFT - RIGHT);
      seek(Math.round(this.range[0] + Math.min(1, Math.max(0, part)) * (this.range[1] - this.range[0])));
    };
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      toPosition(event);
    });
    this.canvas.addEventListener("pointermove", (event) => {
      if (event.buttons & 1) toPosition(event);
    });
  }

  setRange(range) {
    this.range = range;
    this.draw();
  }

  /** Indices of the points within the range. */
  visible() {
    const [from, to] = this.range;
    const first = this.positions.findIndex((position) => position >= from);
    if (first < 0) return [];
    const indices = [];
    for (let i = first; i < this.positions.length && this.positions[i] <= to; i++) indices.push(i);
    return indices;
  }

  draw() {
    const { context, width, height } = prepareCanvas(this.canvas);
    const indices = this.visible();
    const values = this.lines.flatMap((line) => indices.map((i) => line.values[i]).filter((v) => v !== null && Number.isFinite(v)));
    const scale = this.scale(values);
    const x = (position) => LEFT + ((position - this.range[0]) / Math.max(1, this.range[1] - this.range[0])) * (width - LEFT - RIGHT);
    const y = (value) => TOP + (1 - scale.at(value)) * (height - TOP - BOTTOM);
    context.font = "11px ui-sans-serif, system-ui, sans-serif";
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const tick of scale.ticks) {
      context.fillStyle = this.colours.get("line");
      context.fillRect(LEFT, Math.round(y(tick)), width - LEFT - RIGHT, 1);
      context.fillStyle = this.colours.get("muted");
      context.fillText(this.label(tick), LEFT - 6, Math.min(height - 7, Math.max(7, y(tick))));
    }
    for (const line of this.lines) this.drawLine(context, line, this.drawn(line, indices, x), x, y);
    context.setLineDash([]);
    context.globalAlpha = 1;
  }

  /** The points of a line as they are drawn: of those that lie too close, the highest on a faint line, and the mean on others. */
  drawn(line, indices, x) {
    const points = indices.map((i) => [this.positions[i], line.values[i]]);
    if (this.isSteps || indices.length < 2) return points;
    const groups = Map.groupBy(points, ([position]) => Math.floor(x(position) / SPACING));
    return [...groups.values()].map((group) => {
      const values = group.map(([, value]) => value).filter((value) => value !== null && Number.isFinite(value));
      const sum = values.reduce((all, value) => all + value, 0);
      return [group.at(-1)[0], values.length === 0 ? null : line.faint ? Math.max(...values) : sum / values.length];
    });
  }

  drawLine(context, line, points, x, y) {
    context.strokeStyle = this.colours.seat(line.seat);
    context.lineWidth = line.faint ? 1 : 1.75;
    context.globalAlpha = line.faint ? 0.4 : 1;
    context.setLineDash(dashes(line.seat));
    context.lineJoin = "round";
    context.beginPath();
    let last = null;
    for (const [position, value] of points) {
      if (value === null || !Number.isFinite(value)) {
        last = null;
        continue;
      }
      const [px, py] = [x(position), y(value)];
      if (last === null) context.moveTo(px, py);
      else if (this.isSteps) {
        context.lineTo(px, last);
        context.lineTo(px, py);
      } else context.lineTo(px, py);
      if (last === null && points.length === 1) context.lineTo(px + 2, py);
      last = py;
    }
    context.stroke();
  }

  scale(values) {
    const sorted = [...values].sort((a, b) => a - b);
    const [low, high] = [Math.min(0, sorted[0] ?? 0), Math.max(sorted.at(-1) ?? 1, 0)];
    const middle = sorted[sorted.length >> 1] ?? 0;
    if (this.mayBeLogarithmic && middle > 0 && high / middle > 20) return logarithmic(Math.max(this.unit, sorted.find((v) => v > 0) ?? 1), high);
    return linear(low, high, values.every(Number.isInteger) ? this.unit : 0);
  }

  show(position) {
    const part = (position - this.range[0]) / Math.max(1, this.range[1] - this.range[0]);
    this.cursor.style.left = `calc(${LEFT}px + ${part} * (100% - ${LEFT + RIGHT}px))`;
    this.cursor.hidden = part < 0 || part > 1;
  }
}

/** A scale with about four round ticks, at least `unit` apart where there is one. */
function linear(low, high, unit) {
  if (high === low) high = low + 1;
  const raw = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = Math.max([1, 2, 5, 10].find((factor) => factor * power >= raw) * power, unit);
  const from = Math.floor(low / step) * step;
  const to = Math.ceil(high / step) * step;
  const ticks = Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) => from + i * step);
  return { ticks, at: (value) => (value - from) / (to - from) };
}

/** A scale in powers of ten. */
function logarithmic(low, high) {
  const from = Math.floor(Math.log10(low));
  const to = Math.max(from + 1, Math.ceil(Math.log10(high)));
  const ticks = Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i));
  return { ticks, at: (value) => Math.max(0, (Math.log10(Math.max(value, 10 ** from)) - from) / (to - from)) };
}
