import { gameName } from "./actions.js";
import { Charts } from "./charts.js";
import { Colours } from "./colours.js";
import { byID, element, setText } from "./dom.js";
import { writeFacts } from "./facts.js";
import { FAULTS, drawMark } from "./faults.js";
import { counted, number } from "./format.js";
import { listenToKeys } from "./keyboard.js";
import { Player, SPEEDS } from "./player.js";
import { RawFrame } from "./raw-frame.js";
import { Replay } from "./replay.js";
import { Seats } from "./seats.js";
import { Stage } from "./stage.js";
import { Theme } from "./theme.js";
import { Timeline } from "./timeline.js";

/** Steps that Shift and an arrow go. */
const STRIDE = 10;

/** Steps per second at speed 1: as the game is meant to be drawn; slower where every step is a move to think about. */
function stepsPerSecond(replay) {
  const { render_fps: fps } = replay.match.configuration;
  if (Number(fps) > 0) return Math.min(240, Number(fps));
  return ["tictactoe", "connect_four", "rock_paper_scissors"].includes(gameName(replay.match.environment)) ? 2 : 15;
}

/** Ties the parts of the page together. */
class Page {
  constructor(replay) {
    this.replay = replay;
    this.colours = new Colours();
    this.stage = new Stage(replay, this.colours);
    this.seats = new Seats(replay, this.colours);
    this.raw = new RawFrame(replay);
    this.player = new Player(replay, stepsPerSecond(replay), {
      show: (frame) => this.show(frame),
      changed: () => this.showState(),
      failed: () => this.stage.say("The frames here are damaged"),
    });
    const seek = (position) => this.seek(position);
    this.timeline = new Timeline(replay, this.colours, seek);
    this.charts = new Charts(replay, this.colours, seek);
    this.theme = new Theme(byID("theme"), () => this.redraw());
    writeFacts(replay, (game) => this.watch(game));
    this.writeGameMenu();
    this.writeSpeeds();
    this.writeFaultLegend();
    this.listen();
    this.setRange(this.player.range);
    new ResizeObserver(() => this.redraw()).observe(byID("stage"));
  }

  // What is shown

  show(frame) {
    this.frame = frame;
    this.stage.draw(frame);
    this.seats.show(frame);
    this.charts.show(frame.position);
    this.raw.show(frame, this.player.isPlaying);
    const place = this.place(frame);
    setText(byID("place"), place.short);
    this.timeline.show(frame.position, this.player.isPlaying ? null : place.long);
    const [from, to] = this.player.range;
    byID("first").disabled = byID("back").disabled = frame.position <= from;
    byID("last").disabled = byID("forward").disabled = frame.position >= to;
    if (!this.player.isPlaying) this.announce();
  }

  place({ game, isStart, step }) {
    const last = game.end?.steps || game.steps;
    const short = isStart ? `Start / ${number(last)}` : `${number(step)} / ${number(last)}`;
    const series = this.replay.games.length > 1 ? `, game ${game.index + 1} of ${this.replay.games.length}` : "";
    return { short: series ? `Game ${game.index + 1} · ${short}` : short, long: (isStart ? "Start" : `Step ${step} of ${last}`) + series };
  }

  /** Tells screen readers what is to be seen, once it stands still. */
  announce() {
    clearTimeout(this.announcement);
    this.announcement = setTimeout(() => {
      if (this.player.isPlaying || !this.frame) return;
      const text = `${this.place(this.frame).long}. ${this.seats.describe(this.frame)} ${this.stage.describe(this.frame)}`;
      setText(byID("announcement"), text);
      this.stage.canvas.setAttribute("aria-label", this.stage.describe(this.frame));
    }, 300);
  }

  showState() {
    const { isPlaying, atEnd } = this.player;
    const button = byID("play");
    button.dataset.state = isPlaying ? "playing" : "paused";
    button.setAttribute("aria-label", isPlaying ? "Pause" : "Play");
    button.title = isPlaying ? "Pause (space)" : atEnd ? "Play again (space)" : "Play (space)";
    if (isPlaying || !this.frame) return;
    this.timeline.show(this.frame.position, this.place(this.frame).long);
    this.raw.show(this.frame, false);
    this.announce();
  }

  /** Draws everything again that depends on sizes and colours. */
  redraw() {
    this.colours.forget();
    this.timeline?.draw();
    if (this.charts?.score.range) this.charts.draw();
    this.drawFaultLegend();
    if (this.frame) {
      this.stage.draw(this.frame);
      this.seats.show(this.frame);
    }
  }

  // What can be done

  seek(position) {
    return this.player.seek(position);
  }

  /** One step or more, which ends playing. */
  step(count) {
    this.player.pause();
    return this.seek(this.player.position + count);
  }

  fault(direction) {
    const found = this.replay.faultFrom(this.player.position, direction, this.player.range);
    this.player.pause();
    if (found) this.seek(found.position);
    else setText(byID("announcement"), direction > 0 ? "No further fault." : "No earlier fault.");
  }

  setSpeed(speed) {
    this.player.speed = speed;
    byID("speed").value = String(SPEEDS.indexOf(speed));
  }

  changeSpeed(by) {
    const index = SPEEDS.indexOf(this.player.speed) + by;
    if (SPEEDS[index]) this.setSpeed(SPEEDS[index]);
  }

  /** Looks at one game alone; null for the whole match. */
  watch(game) {
    byID("game").value = game ? String(game.index) : "all";
    this.setRange(game ? [game.first, Math.max(game.first, game.last)] : [0, this.replay.length - 1]);
    if (game) {
      this.seek(game.first);
      byID("arena").scrollIntoView({ block: "nearest" });
    }
  }

  changeGame(by) {
    const game = this.replay.games[this.replay.gameAt(this.player.position).index + by];
    if (!game) return;
    if (byID("game").value === "all") this.seek(game.first);
    else this.watch(game);
  }

  setRange(range) {
    this.timeline.setRange(range);
    this.charts.setRange(range);
    this.player.setRange(range);
    const hasFaults = this.replay.faults.some((run) => run.first <= range[1] && run.last >= range[0]);
    byID("next-fault").disabled = byID("previous-fault").disabled = !hasFaults;
  }

  // How it is written

  writeGameMenu() {
    const { games } = this.replay;
    if (games.length < 2) return;
    byID("game-box").hidden = false;
    const select = byID("game");
    select.append(element("option", { value: "all" }, `All ${games.length} games`));
    for (const game of games) select.append(element("option", { value: game.index }, `Game ${game.index + 1}`));
    select.addEventListener("change", () => this.watch(select.value === "all" ? null : games[Number(select.value)]));
  }

  writeSpeeds() {
    const select = byID("speed");
    for (const [i, speed] of SPEEDS.entries()) {
      select.append(element("option", { value: i }, speed === Infinity ? "max" : `${speed}×`));
    }
    select.addEventListener("change", () => this.setSpeed(SPEEDS[Number(select.value)]));
    this.setSpeed(1);
  }

  /** Which mark stands for which fault, of those that there are. */
  writeFaultLegend() {
    const counts = new Map();
    for (const run of this.replay.faults) counts.set(run.kind, (counts.get(run.kind) ?? 0) + run.last - run.first + 1);
    const kinds = Object.values(FAULTS).filter((kind) => counts.has(kind));
    this.faultMarks = kinds.map((kind) => [kind, element("canvas", { class: "mark", "aria-hidden": "true" })]);
    byID("fault-legend").replaceChildren(
      ...this.faultMarks.map(([kind, mark]) => element("li", {}, mark, `${number(counts.get(kind))} × ${kind.words}`)),
    );
    byID("faults-box").hidden = kinds.length === 0;
    this.drawFaultLegend();
  }

  drawFaultLegend() {
    for (const [kind, mark] of this.faultMarks ?? []) {
      const context = mark.getContext("2d");
      const ratio = 2;
      mark.width = mark.height = 14 * ratio;
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      drawMark(context, kind.shape, 7, 7, 10, this.colours.get("muted"));
    }
  }

  listen() {
    const click = (id, action) => byID(id).addEventListener("click", action);
    click("play", () => this.player.toggle());
    click("first", () => this.seek(this.player.range[0]));
    click("last", () => this.seek(this.player.range[1]));
    click("back", () => this.step(-1));
    click("forward", () => this.step(1));
    click("previous-fault", () => this.fault(-1));
    click("next-fault", () => this.fault(1));
    click("help", () => this.help());
    click("close-help", () => byID("help-dialog").close());
    this.stage.canvas.addEventListener("click", () => this.player.toggle());
    listenToKeys({
      " ": () => this.player.toggle(),
      k: () => this.player.toggle(),
      ArrowLeft: () => this.step(-1),
      ArrowRight: () => this.step(1),
      "Shift+ArrowLeft": () => this.step(-STRIDE),
      "Shift+ArrowRight": () => this.step(STRIDE),
      PageUp: () => this.page(-1),
      PageDown: () => this.page(1),
      Home: () => this.seek(this.player.range[0]),
      End: () => this.seek(this.player.range[1]),
      f: () => this.fault(1),
      F: () => this.fault(-1),
      "+": () => this.changeSpeed(1),
      "=": () => this.changeSpeed(1),
      "-": () => this.changeSpeed(-1),
      "]": () => this.changeGame(1),
      "[": () => this.changeGame(-1),
      t: () => this.theme.toggle(),
      "?": () => this.help(),
    });
  }

  /** A tenth of the range. */
  page(direction) {
    const [from, to] = this.player.range;
    this.step(direction * Math.max(1, Math.round((to - from) / 10)));
  }

  help() {
    this.player.pause();
    byID("help-dialog").showModal();
  }
}

/** Says in the middle of the page why there is nothing to play. */
function showProblem(text) {
  byID("arena").dataset.seats = "none";
  byID("stage").dataset.shape = "empty";
  byID("charts").hidden = true;
  byID("canvas").hidden = true;
  byID("problem").hidden = false;
  setText(byID("problem"), text);
  for (const control of byID("controls").querySelectorAll("button, input, select")) control.disabled = true;
}

async function start() {
  if (!globalThis.DecompressionStream) return showProblem("This browser is too old to play the replay: it cannot decompress it.");
  const replay = new Replay(document);
  if (replay.length === 0) {
    writeFacts(replay, () => {});
    showProblem("No step of this match was recorded.");
  } else {
    const page = new Page(replay);
    await page.seek(0);
    globalThis.arenaReplay = page;
  }
  byID("page-cut").hidden = replay.isWhole;
  document.documentElement.dataset.state = "ready";
}

start().catch((error) => {
  showProblem(`The replay cannot be played: ${error.message}`);
  document.documentElement.dataset.state = "failed";
  throw error;
});
