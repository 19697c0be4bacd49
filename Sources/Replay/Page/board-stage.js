import { gameName } from "./actions.js";

/** Games whose boards are two planes, one for the pieces of the seat that looks and one for those of the other, by the board's shape. */
const GAMES = {
  tictactoe: { shape: "3,3,2", falls: false },
  connect_four: { shape: "6,7,2", falls: true },
};

/** Around a board, in pixels. */
const BOARD_MARGIN = 14;
/** Below it, where the result comes to stand. */
const NOTE = 44;

/** The leaf that holds the board, where the game is known; else null. */
export function boardLeaf(replay) {
  const game = GAMES[gameName(replay.match.environment)];
  const leaves = replay.observation.leaves.filter((leaf) => leaf.path.length === 0 || leaf.path.at(-1) === "observation");
  return game && leaves.length === 1 && leaves[0].shape.join() === game.shape ? leaves[0] : null;
}

/** Draws the boards of tic-tac-toe and connect four. */
export class BoardStage {
  constructor(replay, colours, leaf) {
    this.replay = replay;
    this.colours = colours;
    this.leaf = leaf;
    this.game = gameName(replay.match.environment);
    // PettingZoo numbers the squares of tic-tac-toe column by column.
    this.isTransposed = this.game === "tictactoe";
    [this.rows, this.columns] = leaf.shape;
  }

  /** The seat whose piece lies on each square, row by row; null where there is none. */
  squares(frame) {
    // A seat's own pieces come first: any seat's view gives the same board.
    const viewer = frame.seats.findIndex((seat) => seat.observation);
    if (viewer < 0) return null;
    const values = this.leaf.values(frame.seats[viewer].observation);
    return Array.from({ length: this.rows * this.columns }, (_, square) => {
      const [row, column] = [Math.floor(square / this.columns), square % this.columns];
      const at = 2 * (this.isTransposed ? column * this.rows + row : square);
      if (values[at]) return viewer;
      return values[at + 1] ? 1 - viewer : null;
    });
  }

  /** The square of the last move; -1 where there is none. */
  lastSquare(frame, squares) {
    const mover = frame.seats.findIndex((seat) => seat.acted && seat.action);
    if (mover < 0) return -1;
    const action = Number(this.replay.action.value(frame.seats[mover].action));
    if (this.isTransposed) return (action % 3) * 3 + Math.floor(action / 3);
    for (let row = 0; row < this.rows; row++) {
      if (squares[row * this.columns + action] !== null) return row * this.columns + action;
    }
    return -1;
  }

  draw({ context, width, height }, frame) {
    const { colours, rows, columns } = this;
    const squares = this.squares(frame);
    const size = Math.min((width - 2 * BOARD_MARGIN) / columns, (height - BOARD_MARGIN - NOTE) / rows);
    const left = (width - size * columns) / 2;
    const top = BOARD_MARGIN + (height - BOARD_MARGIN - NOTE - size * rows) / 2;
    if (this.isTransposed) this.drawGrid(context, left, top, size);
    else this.drawRack(context, left, top, size);
    if (!squares) return;
    const last = this.lastSquare(frame, squares);
    for (const [square, seat] of squares.entries()) {
      const x = left + ((square % columns) + 0.5) * size;
      const y = top + (Math.floor(square / columns) + 0.5) * size;
      if (this.isTransposed) {
        if (square === last) {
          context.fillStyle = colours.get("highlight");
          context.beginPath();
          context.roundRect(x - size * 0.44, y - size * 0.44, size * 0.88, size * 0.88, 8);
          context.fill();
        }
        if (seat !== null) this.drawSign(context, seat, x, y, size);
      } else {
        this.drawDisc(context, seat, x, y, size, square === last);
      }
    }
  }

  drawGrid(context, left, top, size) {
    context.strokeStyle = this.colours.get("line-strong");
    context.lineWidth = 3;
    context.lineCap = "round";
    context.beginPath();
    for (let i = 1; i < 3; i++) {
      context.moveTo(left + i * size, top + 6);
      context.lineTo(left + i * size, top + 3 * size - 6);
      context.moveTo(left + 6, top + i * size);
      context.lineTo(left + 3 * size - 6, top + i * size);
    }
    context.stroke();
  }

  drawSign(context, seat, x, y, size) {
    const r = size * 0.27;
    context.strokeStyle = this.colours.seat(seat);
    context.lineWidth = size * 0.09;
    context.lineCap = "round";
    context.beginPath();
    if (seat === 0) {
      context.moveTo(x - r, y - r);
      context.lineTo(x + r, y + r);
      context.moveTo(x + r, y - r);
      context.lineTo(x - r, y + r);
    } else {
      context.arc(x, y, r * 1.08, 0, 2 * Math.PI);
    }
    context.stroke();
  }

  drawRack(context, left, top, size) {
    context.fillStyle = this.colours.get("rack");
    context.beginPath();
    context.roundRect(left - 7, top - 7, size * this.columns + 14, size * this.rows + 14, 12);
    context.fill();
  }

  drawDisc(context, seat, x, y, size, isLast) {
    const r = size * 0.4;
    context.fillStyle = seat === null ? this.colours.get("stage") : this.colours.seat(seat);
    context.beginPath();
    context.arc(x, y, r, 0, 2 * Math.PI);
    context.fill();
    if (seat === null) return;
    // Seats differ by more than their colour.
    context.strokeStyle = this.colours.get("on-seat");
    context.lineWidth = Math.max(1.5, size * 0.035);
    context.beginPath();
    if (seat === 0) context.arc(x, y, r * 0.62, 0, 2 * Math.PI);
    else {
      context.moveTo(x - r * 0.36, y - r * 0.36);
      context.lineTo(x + r * 0.36, y + r * 0.36);
      context.moveTo(x + r * 0.36, y - r * 0.36);
      context.lineTo(x - r * 0.36, y + r * 0.36);
    }
    context.stroke();
    if (isLast) {
      context.strokeStyle = this.colours.get("text");
      context.lineWidth = 3;
      context.beginPath();
      context.arc(x, y, r + 2, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  describe(frame) {
    const squares = this.squares(frame);
    if (!squares) return "The board is not known here.";
    const rows = Array.from({ length: this.rows }, (_, row) =>
      squares
        .slice(row * this.columns, (row + 1) * this.columns)
        .map((seat) => (seat === null ? "empty" : `seat ${seat + 1}`))
        .join(", "),
    );
    return `Board, row by row: ${rows.join("; ")}.`;
  }
}
