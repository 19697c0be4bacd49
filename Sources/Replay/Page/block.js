import { fromBase64, fromHex, inflate } from "./bytes.js";
import { Columns } from "./columns.js";
import { FAULTS } from "./faults.js";

const ACTED = 1;
const FORFEITED = 2;
const STALL = 4;
const HAS_ACTION = 8;
const HAS_OBSERVATION = 16;
const HAS_MASK = 32;

/** Frames that were decoded together. `PageBlock` describes the bytes. */
export class FrameBlock {
  /** Decodes the text of a page's part. */
  static async decode(text, observation, action) {
    return new FrameBlock(await inflate(fromBase64(text)), observation, action);
  }

  constructor(bytes, observation, action) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.observation = observation;
    this.action = action;
    this.frames = view.getUint32(0, true);
    const seats = view.getUint32(4, true);
    const columns = new Columns(bytes, 8 + 8 * seats, this.frames);
    this.steps = new Uint32Array(columns.column(4, true).buffer);
    this.times = columns.integers(true);
    this.flags = columns.column(1);
    this.seats = Array.from({ length: seats }, (_, i) => {
      const isOwn = view.getUint32(8 + 8 * i, true) > 0;
      const maskSize = view.getUint32(12 + 8 * i, true);
      const seat = {
        flags: columns.column(1),
        faults: columns.column(1),
        rewards: new Float64Array(columns.column(8).buffer),
        thinkTimes: columns.integers(),
        actions: columns.rows(action, false),
        observations: isOwn ? columns.rows(observation, true) : null,
        maskSize,
      };
      seat.masks = new Uint8Array(this.frames * maskSize);
      columns.read(seat.masks, maskSize, 0, 1, maskSize, false);
      // Sums in the order of the steps, so that they are those of the match.
      let sum = 0;
      seat.returns = seat.rewards.map((reward) => (sum += reward));
      return seat;
    });
    this.rarities = new Map(JSON.parse(new TextDecoder().decode(bytes.subarray(columns.offset))));
  }

  /** Frame `i` as values; `scores` are those before the block. */
  frame(i, scores) {
    const rare = this.rarities.get(i) ?? {};
    return {
      step: this.steps[i],
      time: this.times[i],
      terminated: (this.flags[i] & 1) > 0,
      truncated: (this.flags[i] & 2) > 0,
      lateAnswers: rare.late_answers ?? [],
      info: rare.info ?? "",
      seats: this.seats.map((seat, number) => this.seat(seat, i, rare[number] ?? {}, scores?.[number] ?? 0)),
    };
  }

  seat(seat, i, rare, score) {
    const has = (flag) => (seat.flags[i] & flag) > 0;
    const row = (rows, size) => rows.subarray(i * size, (i + 1) * size);
    return {
      acted: has(ACTED),
      forfeited: has(FORFEITED),
      platformStall: has(STALL),
      fault: FAULTS[seat.faults[i]] ?? null,
      faultMessage: rare.fault_message ?? "",
      note: rare.note ?? "",
      reward: seat.rewards[i],
      score: score + seat.returns[i],
      thinkTime: seat.thinkTimes[i],
      action: has(HAS_ACTION) ? row(seat.actions, this.action.size) : null,
      observation: has(HAS_OBSERVATION)
        ? row(seat.observations ?? this.seats[0].observations ?? new Uint8Array(0), this.observation.size)
        : null,
      mask: has(HAS_MASK) ? row(seat.masks, seat.maskSize) : null,
      // Bytes that do not fit their space.
      oddAction: rare.action ? fromHex(rare.action) : null,
      oddObservation: rare.observation ? fromHex(rare.observation) : null,
    };
  }
}
