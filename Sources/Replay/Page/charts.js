import { Chart } from "./chart.js";
import { byID, element } from "./dom.js";
import { duration, number } from "./format.js";

/** The charts of scores and of think times, from what the page holds beside its blocks. */
export class Charts {
  constructor(replay, colours, seek) {
    this.replay = replay;
    const points = this.points();
    const lines = (column, faint) => points.seats.map((seat, i) => ({ seat: i, values: seat[column], faint }));
    this.score = new Chart(
      byID("score-chart"),
      colours,
      { positions: points.positions, lines: lines("score"), label: (value) => number(value, 2), isSteps: true },
      seek,
    );
    this.think = new Chart(
      byID("think-chart"),
      colours,
      {
        positions: points.positions,
        lines: [...lines("longest", true), ...lines("mean")],
        label: duration,
        mayBeLogarithmic: true,
      },
      seek,
    );
    this.all = [this.score, this.think];
  }

  /** All points of all games. */
  points() {
    const { blocks, games, seats, match } = this.replay;
    const positions = [];
    const columns = Array.from({ length: seats }, () => ({ score: [], mean: [], longest: [] }));
    const add = (position, values) => {
      positions.push(position);
      for (const [seat, { score, mean, longest }] of columns.entries()) {
        const [s = null, m = null, l = null] = values(seat);
        score.push(s);
        mean.push(m);
        longest.push(l);
      }
    };
    let game = null;
    for (const block of blocks) {
      if (block.game !== game) {
        game = block.game;
        add(game.first, () => [0]);
      }
      for (let first = 0, point = 0; first < block.frames; first += match.frames_per_point, point++) {
        const last = Math.min(first + match.frames_per_point, block.frames) - 1;
        const at = 3 * point * block.seats;
        add(block.first + last, (seat) => (seat < block.seats ? block.chart.slice(at + 3 * seat, at + 3 * seat + 3) : []));
      }
    }
    return { positions, seats: columns };
  }

  setRange(range) {
    for (const chart of this.all) chart.setRange(range);
    this.writeLegend(range);
  }

  /** Whose line is whose: agents, unless they change seats within the range. */
  writeLegend([from, to]) {
    const games = this.replay.games.filter((game) => game.first <= to && game.last >= from);
    const names = Array.from({ length: this.replay.seats }, (_, seat) => {
      const agents = new Set(games.map((game) => this.replay.agent(game, seat)));
      return agents.size === 1 ? [...agents][0] : `seat ${seat + 1}`;
    });
    for (const legend of document.querySelectorAll(".legend")) {
      legend.replaceChildren(
        ...names.map((name, seat) =>
          element("li", {}, element("span", { class: "swatch", "data-seat": seat % 6 }), element("bdi", {}, name)),
        ),
      );
    }
    this.describe(names, games.length);
  }

  describe(names, games) {
    const ends = names.map((name, seat) => {
      const values = this.score.visible().map((i) => this.score.lines[seat].values[i]);
      return `${name} ${number(values.at(-1) ?? 0)}`;
    });
    const means = names.map((name, seat) => {
      const line = this.think.lines[this.replay.seats + seat];
      const values = this.think.visible().map((i) => line.values[i]).filter((value) => value !== null);
      return `${name} ${values.length ? duration(values.reduce((sum, value) => sum + value, 0) / values.length) : "no answers"}`;
    });
    const at = games > 1 ? "at the end of the last game" : "at the end";
    this.score.canvas.setAttribute("aria-label", `Scores over the steps; ${at}: ${ends.join(", ")}.`);
    this.think.canvas.setAttribute("aria-label", `Think times over the steps; on average: ${means.join(", ")}.`);
  }

  draw() {
    for (const chart of this.all) chart.draw();
  }

  show(position) {
    for (const chart of this.all) chart.show(position);
  }
}
