/** The largest board that is drawn square by square. */
const LARGEST_BOARD = 32;
/** The largest image that is drawn. */
const LARGEST_IMAGE = 2048;
/** Planes shown at most. */
const MOST_PLANES = 24;

/** The leaf of an observation that is best looked at as a picture; null if there is none. */
export function gridLeaf(layout) {
  return layout.leaves.find((leaf) => {
    const [height, width, planes = 1] = leaf.shape;
    if (leaf.isText || leaf.shape.length < 2 || leaf.shape.length > 3) return false;
    if (height < 2 || width < 2) return false;
    if (Math.max(height, width) <= LARGEST_BOARD) return true;
    return isImage(leaf) && Math.max(height, width) <= LARGEST_IMAGE && [1, 3, 4].includes(planes);
  });
}

function isImage(leaf) {
  return leaf.space.dtype === "uint8" && [1, 3, 4].includes(leaf.shape[2] ?? 1) && leaf.shape[0] > LARGEST_BOARD;
}

/** Draws arrays of two or three dimensions: images as images, anything else plane by plane, as fields of colour. */
export class GridStage {
  constructor(colours, leaf) {
    this.colours = colours;
    this.leaf = leaf;
    [this.rows, this.columns, this.planes = 1] = leaf.shape;
    this.shown = Math.min(this.planes, MOST_PLANES);
    this.image = isImage(leaf) ? document.createElement("canvas") : null;
  }

  draw({ context, width, height }, bytes) {
    if (!bytes) return;
    if (this.image) return this.drawImage(context, width, height, bytes);
    const values = this.leaf.values(bytes).map(Number);
    const [low, high] = this.range(values);
    const { across, size } = this.arrangement(width, height);
    const label = this.planes > 1 ? 14 : 0;
    const gap = 10;
    const planeWidth = size * this.columns;
    const planeHeight = size * this.rows + label;
    const down = Math.ceil(this.shown / across);
    const left = (width - across * planeWidth - (across - 1) * gap) / 2;
    const top = (height - down * planeHeight - (down - 1) * gap) / 2;
    for (let plane = 0; plane < this.shown; plane++) {
      const x = left + (plane % across) * (planeWidth + gap);
      const y = top + Math.floor(plane / across) * (planeHeight + gap);
      if (label) {
        context.fillStyle = this.colours.get("muted");
        context.font = "11px ui-sans-serif, system-ui, sans-serif";
        context.textBaseline = "top";
        context.textAlign = "left";
        const isLast = plane === this.shown - 1 && this.shown < this.planes;
        context.fillText(isLast ? `plane ${plane} of ${this.planes}` : `plane ${plane}`, x, y, planeWidth);
      }
      this.drawPlane(context, values, plane, x, y + label, size, low, high);
    }
  }

  /** How many planes beside each other make the largest squares. */
  arrangement(width, height) {
    const label = this.planes > 1 ? 14 : 0;
    let best = { across: 1, size: 0 };
    for (let across = 1; across <= this.shown; across++) {
      const down = Math.ceil(this.shown / across);
      const size = Math.min(
        (width - 20 - (across - 1) * 10) / (across * this.columns),
        (height - 20 - (down - 1) * 10 - down * label) / (down * this.rows),
      );
      if (size > best.size) best = { across, size };
    }
    return best;
  }

  drawPlane(context, values, plane, x, y, size, low, high) {
    const line = size > 6 ? 1 : 0;
    context.fillStyle = this.colours.get("line");
    context.fillRect(x, y, size * this.columns, size * this.rows);
    for (let row = 0; row < this.rows; row++) {
      for (let column = 0; column < this.columns; column++) {
        const value = values[(row * this.columns + column) * this.planes + plane];
        context.fillStyle = this.colours.get("stage");
        context.fillRect(x + column * size + line, y + row * size + line, size - line, size - line);
        context.globalAlpha = Number.isFinite(value) && high > low ? (value - low) / (high - low) : value > low ? 1 : 0;
        context.fillStyle = this.colours.get("accent");
        context.fillRect(x + column * size + line, y + row * size + line, size - line, size - line);
        context.globalAlpha = 1;
      }
    }
  }

  /** What is drawn lightest and darkest: the space's bounds where they are near, else the values there are. */
  range(values) {
    const [low, high] = this.leaf.bounds(0).map((bound) => (bound === null ? null : Number(bound)));
    if (low !== null && high !== null && high - low <= 1024) return [low, high];
    const finite = values.filter(Number.isFinite);
    return [Math.min(...finite), Math.max(...finite)];
  }

  drawImage(context, width, height, bytes) {
    const { rows, columns, planes, leaf, image } = this;
    [image.width, image.height] = [columns, rows];
    const inner = image.getContext("2d");
    const data = inner.createImageData(columns, rows);
    for (let pixel = 0; pixel < rows * columns; pixel++) {
      const from = leaf.offset + pixel * planes;
      for (let channel = 0; channel < 3; channel++) data.data[4 * pixel + channel] = bytes[from + (planes > 1 ? channel : 0)];
      data.data[4 * pixel + 3] = planes === 4 ? bytes[from + 3] : 255;
    }
    inner.putImageData(data, 0, 0);
    const scale = Math.min(width / columns, height / rows);
    context.imageSmoothingEnabled = scale < 1;
    const [w, h] = [columns * scale, rows * scale];
    context.drawImage(image, (width - w) / 2, (height - h) / 2, w, h);
  }

  describe() {
    const kind = this.image ? "an image" : this.planes > 1 ? `${this.planes} planes` : "a grid";
    return `The observation, drawn as ${kind} of ${this.rows} by ${this.columns}.`;
  }
}
