import { byID, setText } from "./dom.js";
import { json } from "./format.js";

/** Observations longer than this are left out of the text. */
const MOST_NUMBERS = 4096;
/** While playing, the text changes no more often than this, in milliseconds. */
const INTERVAL = 250;

/** The frame as JSON, with the members that `arena replay cat` prints. */
export class RawFrame {
  constructor(replay) {
    this.replay = replay;
    this.details = byID("raw");
    this.text = byID("raw-text");
    this.last = 0;
    this.details.addEventListener("toggle", () => this.write());
  }

  show(frame, isPlaying) {
    this.frame = frame;
    if (!isPlaying || performance.now() - this.last > INTERVAL) this.write();
  }

  write() {
    if (!this.details.open || !this.frame) return;
    this.last = performance.now();
    setText(this.text, json(this.value(this.frame)));
  }

  value(frame) {
    const value = { event: frame.isStart ? "game_start" : "frame", game: frame.game.number, time: frame.time / 1e6 };
    if (frame.isStart) {
      value.environment_seed = BigInt(frame.game.start.seed);
      value.agents = frame.game.start.agents;
      value.observations = frame.seats.map((seat) => this.bytes(seat.observation, seat.oddObservation, this.replay.observation));
      return value;
    }
    Object.assign(value, { step: frame.step, terminated: frame.terminated, truncated: frame.truncated });
    value.seats = frame.seats.map((seat, i) => this.seat(seat, this.replay.agent(frame.game, i)));
    if (frame.lateAnswers.length) value.late_answers = frame.lateAnswers;
    if (frame.info) value.info = parsed(frame.info);
    return value;
  }

  seat(seat, agent) {
    const value = {
      agent_id: agent,
      observation: this.bytes(seat.observation, seat.oddObservation, this.replay.observation),
      action: this.bytes(seat.action, seat.oddAction, this.replay.action),
      reward: seat.reward,
      think_time_us: seat.thinkTime,
    };
    if (!seat.acted) value.idle = true;
    if (seat.fault) value.fault = seat.fault.name;
    if (seat.faultMessage) value.fault_message = seat.faultMessage;
    if (seat.platformStall) value.platform_stall = true;
    if (seat.forfeited) value.forfeited = true;
    if (seat.mask) value.action_mask = [...seat.mask];
    if (seat.note) value.note = seat.note;
    return value;
  }

  bytes(bytes, odd, layout) {
    if (odd) return { bytes: Array.from(odd, (byte) => byte.toString(16).padStart(2, "0")).join("") };
    if (!bytes) return null;
    const count = layout.leaves.reduce((sum, leaf) => sum + leaf.count, 0);
    return count > MOST_NUMBERS ? `${count} numbers, which arena replay cat prints` : layout.value(bytes);
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
