/** Arrays longer than this lie frame after frame: `PageColumns.longArray`. */
const LONG_ARRAY = 32;

/** Takes columns back to rows, one per frame, in the order in which `PageColumns` wrote them. */
export class Columns {
  constructor(bytes, offset, frames) {
    this.bytes = bytes;
    this.offset = offset;
    this.frames = frames;
  }

  /** The next `count` numbers of each frame, into `rows` from `start` of each row on. */
  read(rows, rowSize, start, itemSize, count, areDifferences) {
    const { bytes, frames } = this;
    const plane = frames * count;
    const [itemStride, frameStride] = count > LONG_ARRAY ? [1, count] : [frames, 1];
    for (let item = 0; item < count; item++) {
      let from = this.offset + item * itemStride;
      let to = start + item * itemSize;
      for (let frame = 0; frame < frames; frame++) {
        if (areDifferences && frame > 0) {
          // Little-endian numbers are added from their first byte on.
          let carry = 0;
          for (let byte = 0; byte < itemSize; byte++) {
            const sum = rows[to - rowSize + byte] + bytes[from + byte * plane] + carry;
            rows[to + byte] = sum;
            carry = sum >> 8;
          }
        } else {
          for (let byte = 0; byte < itemSize; byte++) rows[to + byte] = bytes[from + byte * plane];
        }
        from += frameStride;
        to += rowSize;
      }
    }
    this.offset += plane * itemSize;
  }

  /** The next column of numbers of so many bytes, as bytes. */
  column(itemSize, areDifferences = false) {
    const rows = new Uint8Array(this.frames * itemSize);
    this.read(rows, itemSize, 0, itemSize, 1, areDifferences);
    return rows;
  }

  /** The next value of a space per frame, as rows. */
  rows(layout, areDifferences) {
    const rows = new Uint8Array(this.frames * layout.size);
    for (const leaf of layout.leaves) {
      const count = leaf.isText ? leaf.size : leaf.count;
      this.read(rows, layout.size, leaf.offset, leaf.isText ? 1 : leaf.itemSize, count, areDifferences);
    }
    return rows;
  }

  /** The next column of 64-bit integers, as numbers: exact up to 2⁵³. */
  integers(areDifferences = false) {
    const words = new Uint32Array(this.column(8, areDifferences).buffer);
    return Float64Array.from({ length: this.frames }, (_, i) => words[2 * i] + words[2 * i + 1] * 2 ** 32);
  }
}
