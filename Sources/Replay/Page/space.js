/** The number that a float16's bits stand for. */
function float16(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : (2 ** -14 * fraction) / 1024);
}

/** The shortest decimal that `round` takes back to `value`, from so many digits on: 0.1, not 0.10000000149. */
function shortest(value, round, digits) {
  if (!Number.isFinite(value)) return value;
  for (let precision = 1; precision < digits; precision++) {
    const short = Number(value.toPrecision(precision));
    if (round(short) === value) return short;
  }
  return value;
}

/** Integers that a number cannot hold stay BigInts. */
function integer(big) {
  return big >= Number.MIN_SAFE_INTEGER && big <= Number.MAX_SAFE_INTEGER ? Number(big) : big;
}

const READERS = {
  bool: [1, (view, at) => view.getUint8(at)],
  int8: [1, (view, at) => view.getInt8(at)],
  uint8: [1, (view, at) => view.getUint8(at)],
  int16: [2, (view, at) => view.getInt16(at, true)],
  uint16: [2, (view, at) => view.getUint16(at, true)],
  int32: [4, (view, at) => view.getInt32(at, true)],
  uint32: [4, (view, at) => view.getUint32(at, true)],
  int64: [8, (view, at) => integer(view.getBigInt64(at, true))],
  uint64: [8, (view, at) => integer(view.getBigUint64(at, true))],
  float16: [2, (view, at) => float16(view.getUint16(at, true))],
  float32: [4, (view, at) => view.getFloat32(at, true)],
  float64: [8, (view, at) => view.getFloat64(at, true)],
};

/** One array, number or text of a space. */
class Leaf {
  constructor(space, path) {
    this.space = space;
    this.path = path;
    this.offset = space.offset;
    this.size = space.size;
    this.isText = space.type === "Text";
    [this.itemSize, this.read] = READERS[this.isText ? "uint8" : space.dtype];
    this.shape = space.shape ?? [];
    this.count = this.isText ? 1 : this.size / this.itemSize;
    this.isFloat = /^float/.test(space.dtype);
  }

  /** The elements, or so many of them, flat in C order; or the text. */
  values(bytes, most = Infinity) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (this.isText) {
      const length = Math.min(view.getUint32(this.offset, true), this.size - 4);
      return [new TextDecoder().decode(bytes.subarray(this.offset + 4, this.offset + 4 + length))];
    }
    return Array.from({ length: Math.min(most, this.count) }, (_, i) => this.read(view, this.offset + i * this.itemSize));
  }

  /** The leaf as people and JSON have it: a number, a text, or a flat array. */
  value(bytes) {
    const values = this.values(bytes).map((value) => this.displayed(value));
    const isScalar = this.isText || this.space.type === "Discrete" || (this.space.type === "Box" && !this.shape.length);
    return isScalar ? values[0] : values;
  }

  /** A number with no more digits than its dtype holds. */
  displayed(value) {
    if (this.space.dtype === "float32") return shortest(value, Math.fround, 10);
    if (this.space.dtype === "float16") return shortest(value, (x) => nearestFloat16(x), 6);
    return value;
  }

  /** The bounds of element `i`; null where there is none. */
  bounds(i) {
    const { type, n, start, nvec, low, high } = this.space;
    if (type === "Discrete") return [start, start + n - 1];
    if (type === "MultiDiscrete") return [start[i], start[i] + nvec[i] - 1];
    if (type === "MultiBinary" || this.space.dtype === "bool") return [0, 1];
    const side = (bound) => (Array.isArray(bound) ? bound[i] : bound) ?? null;
    return [side(low), side(high)];
  }
}

/** The float16 next to `value`, as a number. */
function nearestFloat16(value) {
  const magnitude = Math.abs(value);
  if (magnitude === 0 || !Number.isFinite(magnitude)) return value;
  const exponent = Math.max(-14, Math.floor(Math.log2(magnitude)));
  const unit = 2 ** (exponent - 10);
  return Math.sign(value) * Math.round(magnitude / unit) * unit;
}

/** Reads values out of bytes by the layout of their space: section 8 of the protocol. */
export class Layout {
  constructor({ size, space }) {
    this.size = size;
    this.space = space;
    this.leaves = [];
    this.collect(space, []);
  }

  collect(space, path) {
    if (space.type === "Dict") for (const [key, part] of space.spaces) this.collect(part, [...path, key]);
    else if (space.type === "Tuple") space.spaces.forEach((part, i) => this.collect(part, [...path, String(i)]));
    else this.leaves.push(new Leaf(space, path));
  }

  /** The whole value: objects for Dicts, arrays for Tuples. */
  value(bytes) {
    let next = 0;
    const build = (space) => {
      // A map keeps keys like "__proto__" what they are.
      if (space.type === "Dict") return new Map(space.spaces.map(([key, part]) => [key, build(part)]));
      if (space.type === "Tuple") return space.spaces.map(build);
      return this.leaves[next++].value(bytes);
    };
    return build(this.space);
  }
}
