import { json } from "./format.js";

/** What actions are called in games that are known. */
const WORDS = {
  pong: ["up", "stay", "down"],
  rock_paper_scissors: ["rock", "paper", "scissors"],
  rps: ["rock", "paper", "scissors"],
};
const ARROWS = { up: "↑", stay: "·", down: "↓" };

/** A game's name without where it comes from and its version: `pettingzoo:classic/connect_four_v3` is `connect_four`. */
export function gameName(environment) {
  return environment
    .split(/[:/]/)
    .at(-1)
    .replace(/_v\d+$/, "");
}

/** What a seat played, in words. */
export function actionWords(seat, replay) {
  if (!seat.acted && !seat.action) return "–";
  if (seat.oddAction) return "bytes that are no action";
  if (!seat.action) return "nothing";
  const value = replay.action.value(seat.action);
  const game = gameName(replay.match.environment);
  const word = typeof value === "number" ? WORDS[game]?.[value] : null;
  if (word) return ARROWS[word] ? `${ARROWS[word]} ${word}` : word;
  if (game === "connect_four" && typeof value === "number") return `column ${value + 1}`;
  if (game === "tictactoe" && typeof value === "number") return `row ${(value % 3) + 1}, column ${Math.floor(value / 3) + 1}`;
  return typeof value === "string" ? value : json(value).replace(/\s+/g, " ").replaceAll("[ ", "[").replaceAll(" ]", "]");
}
