import { FrameBlock } from "./block.js";
import { fromBase64 } from "./bytes.js";
import { FAULTS } from "./faults.js";
import { Layout } from "./space.js";

/** Decoded blocks that are kept. */
const KEPT = 8;

/**
 * The replay in this page.
 *
 * A position is a state that can be shown: of every game its start, where that was recorded, and what every step led to.
 */
export class Replay {
  constructor(root) {
    this.match = null;
    this.games = [];
    this.blocks = [];
    /** Runs of one fault of one seat, in the order of their first position. */
    this.faults = [];
    this.length = 0;
    /** Blocks decoded so far, for whoever wants to know what a seek costs. */
    this.decodedBlocks = 0;
    this.kept = new Map();
    const parts = [...root.querySelectorAll("script[data-part]")];
    /** Whether the page itself is here to its end. */
    this.isWhole = parts.at(-1)?.dataset.part === "close";
    // Of a page that was cut off, the last part is not to be trusted.
    for (const part of this.isWhole ? parts : parts.slice(0, -1)) this.take(part);
    if (!this.match) throw new Error("the page was cut off before the match");
    this.faults.sort((a, b) => a.first - b.first || a.seat - b.seat);
    this.observation = new Layout(this.match.observation);
    this.action = new Layout(this.match.action);
    this.seats = Math.max(1, ...this.games.map((game) => game.seats));
  }

  take(part) {
    const kind = part.dataset.part;
    if (kind === "frames") return this.takeBlock(part);
    const value = JSON.parse(part.textContent);
    if (kind === "match") this.match = value;
    else if (kind === "start") this.beginGame(value.game, value);
    else if (kind === "end") this.endGame(value);
  }

  get game() {
    return this.games.at(-1);
  }

  beginGame(number, start) {
    const agents = start?.agents.map((agent) => this.match.agents[agent] ?? `agent ${agent}`);
    this.games.push({
      index: this.games.length,
      number,
      start,
      end: null,
      first: this.length,
      last: this.length - 1,
      steps: 0,
      seats: start?.observations.length ?? 0,
      agents: agents ?? [],
      scores: [],
      /** Runs of faults by seat. */
      faults: [],
    });
    if (start) this.extend(1);
  }

  endGame(end) {
    if (this.game?.number !== end.game || this.game.end) this.beginGame(end.game, null);
    this.game.end = end;
  }

  extend(count) {
    this.length += count;
    this.game.last = this.length - 1;
  }

  takeBlock(part) {
    const { game, step, frames, faults, chart } = part.dataset;
    if (this.game?.number !== Number(game) || this.game.end) this.beginGame(Number(game), null);
    const block = {
      part,
      game: this.game,
      index: this.blocks.length,
      first: this.length,
      frames: Number(frames),
      step: Number(step),
      scores: this.game.scores,
      chart: chart === "" ? [] : chart.split(",").map((text) => (text === "" ? null : Number(text))),
      decoded: null,
    };
    const points = Math.ceil(block.frames / this.match.frames_per_point);
    const seats = block.chart.length / points / 3;
    block.seats = seats;
    // Where the scores stand after the block, those of the next one begin.
    this.game.scores = Array.from({ length: seats }, (_, seat) => block.chart[(points - 1) * 3 * seats + 3 * seat]);
    this.game.seats = Math.max(this.game.seats, seats);
    this.game.steps += block.frames;
    for (const text of faults ? faults.split(" ") : []) {
      const [frames, seat, kind] = text.split(".");
      const [first, last] = frames.split("-").map(Number);
      const runs = (this.game.faults[seat] ??= []);
      const before = runs.at(-1);
      const run = {
        first: block.first + first,
        last: block.first + last,
        seat: Number(seat),
        kind: FAULTS[kind],
        before: before ? before.before + before.last - before.first + 1 : 0,
      };
      runs.push(run);
      this.faults.push(run);
    }
    this.extend(block.frames);
    this.blocks.push(block);
  }

  /** The name of the agent in a seat of a game. */
  agent(game, seat) {
    return game.agents[seat] ?? this.match.agents[seat] ?? `seat ${seat + 1}`;
  }

  /** The game that a position belongs to. */
  gameAt(position) {
    return this.games[lastAtMost(this.games, position)] ?? this.games[0];
  }

  blockAt(position) {
    const block = this.blocks[lastAtMost(this.blocks, position)];
    return block && position < block.first + block.frames ? block : null;
  }

  /** Whether a position can be shown at once. */
  isReady(position) {
    const block = this.blockAt(position);
    return !block || this.kept.has(block.index);
  }

  /** Decodes what a position needs, unless that is there already. */
  async prepare(position) {
    const block = this.blockAt(position);
    if (!block) return;
    const { index } = block;
    if (this.kept.has(index)) {
      // The ones used last are kept.
      const decoded = this.kept.get(index);
      this.kept.delete(index);
      this.kept.set(index, decoded);
      return;
    }
    block.decoding ??= FrameBlock.decode(block.part.textContent, this.observation, this.action)
      .then((decoded) => {
        this.decodedBlocks += 1;
        this.kept.set(index, decoded);
        if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value);
      })
      .finally(() => (block.decoding = null));
    await block.decoding;
  }

  /** The frame at a position that is ready: what every seat sees there, and how it came to that. */
  frame(position) {
    const game = this.gameAt(position);
    const block = this.blockAt(position);
    if (!block) return this.startFrame(game, position);
    const frame = this.kept.get(block.index).frame(position - block.first, block.scores);
    return { ...frame, position, game, isStart: false };
  }

  startFrame(game, position) {
    const observations = game.start.observations.map((text) => (text === null ? null : fromBase64(text)));
    return {
      position,
      game,
      isStart: true,
      step: 0,
      time: game.start.time,
      terminated: false,
      truncated: false,
      lateAnswers: [],
      info: "",
      seats: observations.map((bytes) => {
        const observation = bytes ?? observations[0];
        return {
          acted: false,
          forfeited: false,
          platformStall: false,
          fault: null,
          faultMessage: "",
          note: "",
          reward: 0,
          score: 0,
          thinkTime: 0,
          action: null,
          mask: null,
          oddAction: null,
          observation: observation.length === this.observation.size ? observation : null,
          oddObservation: observation.length === this.observation.size ? null : observation,
        };
      }),
    };
  }

  /** The fault nearest behind (`direction` 1) or before (-1) a position: its run and the position to go to. Null where there is none. */
  faultFrom(position, direction, [from, to]) {
    let best = null;
    for (const run of this.faults) {
      const first = Math.max(run.first, from);
      const last = Math.min(run.last, to);
      if (first > last) continue;
      // Within a run every frame is a fault.
      const next = direction > 0 ? Math.max(first, position + 1) : Math.min(last, position - 1);
      if (next < first || next > last) continue;
      if (!best || (direction > 0 ? next < best.position : next > best.position)) best = { run, position: next };
    }
    return best;
  }

  /** Faults of a seat in a game up to a position: how many, the last of them, and where that was. */
  faultsUntil(position, game, seat) {
    const runs = game.faults[seat] ?? [];
    const run = runs[lastAtMost(runs, position)];
    if (!run) return { count: 0, kind: null, position: null };
    const last = Math.min(run.last, position);
    return { count: run.before + last - run.first + 1, kind: run.kind, position: last };
  }

  /** The step at a position, without its being decoded: exact where no frames are missing. */
  stepAt(position) {
    const block = this.blockAt(position);
    return block ? block.step + position - block.first : 0;
  }
}

/** The index of the last entry whose first position is not behind `position`; -1 if there is none. */
export function lastAtMost(entries, position) {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (entries[middle].first <= position) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
