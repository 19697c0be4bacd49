import { BoardStage, boardLeaf } from "./board-stage.js";
import { byID, element, prepareCanvas, setText } from "./dom.js";
import { counted } from "./format.js";
import { GridStage, gridLeaf } from "./grid-stage.js";
import { isPong, PongStage } from "./pong-stage.js";
import { ValuesStage } from "./values-stage.js";

/** The place where the game is seen: drawn where it is known, as what a seat observes otherwise. */
export class Stage {
  constructor(replay, colours) {
    this.replay = replay;
    this.box = byID("stage");
    this.canvas = byID("canvas");
    this.note = byID("stage-note");
    this.viewer = 0;
    const board = boardLeaf(replay);
    if (isPong(replay)) {
      this.game = new PongStage(replay, colours);
      this.box.dataset.shape = "court";
    } else if (board) {
      this.game = new BoardStage(replay, colours, board);
      this.box.dataset.shape = "board";
    } else {
      this.chooseView(colours);
    }
  }

  /** Any other game: a picture where an array looks like one, and the rest in a table. */
  chooseView(colours) {
    const leaf = gridLeaf(this.replay.observation);
    const rest = this.replay.observation.leaves.filter((other) => other !== leaf);
    if (leaf) this.grid = new GridStage(colours, leaf);
    this.box.dataset.shape = leaf ? (rest.length ? "mixed" : "board") : "table";
    this.canvas.hidden = !leaf;
    const table = byID("values");
    if (rest.length) {
      this.values = new ValuesStage(table, rest);
      byID("values-box").hidden = false;
    }
    const select = byID("viewer");
    for (let seat = 0; seat < this.replay.seats; seat++) select.append(element("option", { value: seat }, `seat ${seat + 1}`));
    select.addEventListener("change", () => {
      this.viewer = Number(select.value);
      if (this.shown) this.draw(this.shown);
    });
  }

  draw(frame) {
    this.shown = frame;
    this.game?.draw(prepareCanvas(this.canvas), frame);
    if (!this.game) this.offerViewers(frame);
    const bytes = frame.seats[this.viewer]?.observation ?? null;
    this.grid?.draw(prepareCanvas(this.canvas), bytes);
    this.values?.draw(bytes);
    this.say(this.noteFor(frame));
  }

  /** Lets people choose whose observation they look at, from the first frame on in which they differ. */
  offerViewers({ seats }) {
    const box = byID("viewer-box");
    if (!box.hidden || !seats.some((seat) => seat.observation && differ(seat.observation, seats[0].observation))) return;
    box.hidden = false;
  }

  /** Writes a line over the picture; an empty one takes it away. */
  say(text) {
    this.note.hidden = text === "";
    setText(this.note, text);
  }

  /** Where a game begins, and how it ended. */
  noteFor({ game, position, isStart, seats }) {
    if (isStart && game.steps > 0) return this.replay.games.length > 1 ? `Game ${game.index + 1}` : "";
    if (position < game.last) return "";
    if (!game.end) return "The recording ends here";
    const winner = game.end.outcomes.indexOf("win");
    const result = winner >= 0 ? `${this.replay.agent(game, winner)} wins` : game.end.outcomes.includes("draw") ? "A draw" : "No winner";
    // The fault that ended a game came after its last frame.
    const faults = game.end.faults.filter(({ message }) => message).map(({ seat, message }) => `${this.replay.agent(game, seat)} ${message}`);
    if (faults.length) return `${result}: ${faults.join("; ")}`;
    const forfeits = seats.flatMap((seat, i) => (seat.forfeited ? [this.replay.agent(game, i)] : []));
    if (game.end.reason === "forfeit" || forfeits.length) return `${result}${forfeits.length ? `: ${forfeits.join(", ")} forfeited` : " by forfeit"}`;
    const reasons = { terminated: "", truncated: `, cut off after ${counted(game.end.steps, "step")}`, aborted: ", the game was broken off" };
    return result + (reasons[game.end.reason] ?? "");
  }

  /** What is to be seen, for those who cannot see it. */
  describe(frame) {
    if (this.game) return this.game.describe(frame);
    return this.grid ? this.grid.describe() : "The observation is in the table.";
  }
}

/** Whether two observations are different ones: those that are stored once are the same. */
function differ(first, second) {
  if (!second) return true;
  if (first.buffer === second.buffer && first.byteOffset === second.byteOffset) return false;
  return first.some((byte, i) => byte !== second[i]);
}
