import { number } from "./format.js";

/** Frames of the ball's trail. */
const TRAIL = 14;
/** Where the paddles stand, from the game's rules. */
const LEFT_FACE = 0.05;
const RIGHT_FACE = 0.95;
/** The part of the canvas above the upper wall, and below the lower one. */
const WALL_MARGIN = 0.035;
/** A ball that moved further than this in one frame was served anew. */
const SERVE = 0.2;

/** Whether a replay is one of pong: by name, and by what its observations look like. */
export function isPong(replay) {
  const [leaf] = replay.observation.leaves;
  return /(^|:)pong$/.test(replay.match.environment) && leaf?.space.type === "Box" && leaf.count === 8;
}

/** Draws pong from the eight numbers that both players see. */
export class PongStage {
  static aspect = 3 / 2;

  constructor(replay, colours) {
    this.replay = replay;
    this.colours = colours;
    const settings = replay.match.configuration;
    this.paddleHeight = Number(settings.paddle_height ?? 0.2);
    this.ballRadius = Number(settings.ball_radius ?? 0.02);
  }

  numbers(frame) {
    const bytes = frame.seats.find((seat) => seat.observation)?.observation;
    return bytes ? this.replay.observation.leaves[0].values(bytes) : null;
  }

  /** Where the ball was before, newest first, as far as that is decoded. */
  trail(frame) {
    const points = [];
    for (let position = frame.position; position > frame.position - TRAIL && position >= frame.game.first; position--) {
      if (!this.replay.isReady(position)) break;
      const state = this.numbers(this.replay.frame(position));
      if (!state) break;
      const last = points.at(-1);
      if (last && Math.hypot(last[0] - state[0], last[1] - state[1]) > SERVE) break;
      points.push([state[0], state[1]]);
    }
    return points;
  }

  draw({ context, width, height }, frame) {
    const { colours } = this;
    // The walls stand back a little, so that a ball which touches them is seen whole.
    const margin = height * WALL_MARGIN;
    const court = { width, top: margin, height: height - 2 * margin };
    this.drawCourt(context, court);
    const state = this.numbers(frame);
    if (!state) return;
    const [x, y, , , left, right, leftPoints, rightPoints] = state;
    this.drawPoints(context, court, leftPoints, rightPoints);
    this.drawPaddle(context, court, left, LEFT_FACE, -1, colours.seat(0));
    this.drawPaddle(context, court, right, RIGHT_FACE, 0, colours.seat(1));

    const radius = Math.max(3.5, this.ballRadius * height * 0.8);
    const ball = (at, size) => {
      context.beginPath();
      context.arc(at[0] * width, court.top + at[1] * court.height, size, 0, 2 * Math.PI);
      context.fill();
    };
    context.fillStyle = colours.get("ball");
    const trail = matchMedia("(prefers-reduced-motion: reduce)").matches ? [] : this.trail(frame);
    for (let i = trail.length - 1; i > 0; i--) {
      context.globalAlpha = 0.22 * (1 - i / TRAIL);
      ball(trail[i], radius * (1 - (0.55 * i) / TRAIL));
    }
    context.globalAlpha = 1;
    ball([x, y], radius);
  }

  drawPaddle(context, court, centre, face, side, colour) {
    const width = Math.max(5, court.width * 0.014);
    const length = this.paddleHeight * court.height;
    context.save();
    context.beginPath();
    context.rect(0, court.top, court.width, court.height);
    context.clip();
    context.fillStyle = colour;
    context.beginPath();
    // Its face is where the ball turns back.
    context.roundRect(face * court.width + side * width, court.top + centre * court.height - length / 2, width, length, width / 2);
    context.fill();
    context.restore();
  }

  drawCourt(context, { width, top, height }) {
    context.strokeStyle = this.colours.get("court-line");
    context.lineWidth = 2;
    context.beginPath();
    for (const wall of [top - 1, top + height + 1]) {
      context.moveTo(0, wall);
      context.lineTo(width, wall);
    }
    context.stroke();
    context.setLineDash([height / 41, height / 41]);
    context.beginPath();
    context.moveTo(width / 2, top);
    context.lineTo(width / 2, top + height);
    context.stroke();
    context.setLineDash([]);
  }

  drawPoints(context, { width, top, height }, left, right) {
    context.fillStyle = this.colours.get("court-text");
    context.font = `600 ${Math.round(height * 0.15)}px ui-sans-serif, system-ui, sans-serif`;
    context.textBaseline = "top";
    context.textAlign = "right";
    context.fillText(number(left), width / 2 - width * 0.05, top + height * 0.05);
    context.textAlign = "left";
    context.fillText(number(right), width / 2 + width * 0.05, top + height * 0.05);
  }

  describe(frame) {
    const state = this.numbers(frame);
    if (!state) return "The state of the game is not known here.";
    const [x, y, vx, , left, right, leftPoints, rightPoints] = state;
    const percent = (value) => `${Math.round(value * 100)} %`;
    return (
      `Points ${leftPoints} to ${rightPoints}. Ball ${percent(x)} from the left and ${percent(y)} from the top, moving ` +
      `${vx < 0 ? "left" : "right"}. Paddles ${percent(left)} and ${percent(right)} from the top.`
    );
  }
}
