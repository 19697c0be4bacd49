import { byID, element } from "./dom.js";
import { counted, duration, json, number } from "./format.js";

/** Games listed at most; the menu has all of them. */
const MOST_GAMES = 200;

/** What is known about the match beside its frames. */
export function writeFacts(replay, watch) {
  const { match } = replay;
  writeMatch(match, replay);
  writeAgents(match);
  if (replay.games.length > 1) writeGames(replay, watch);
}

function writeMatch(match, replay) {
  const result = match.result ?? {};
  const seconds = result.execution_time_sec ?? Math.max(0, match.end_time - match.start_time);
  const settings = Object.entries(match.configuration).map(([key, value]) => `${key} ${typeof value === "object" ? json(value) : value}`);
  const facts = [
    ["Match", match.match_id],
    ["Environment", match.environment],
    ["Agents", match.agents.join(", ")],
    ["Result", document.querySelector(".sentence").textContent],
    ["Status", result.status ?? "without its end"],
    ["Games", number(replay.games.length)],
    ["Steps", number(replay.games.reduce((sum, game) => sum + game.steps, 0))],
    ["Started", match.start_time > 0 ? `${new Date(match.start_time * 1000).toISOString().replace("T", " ").slice(0, 19)} UTC` : "–"],
    ["Duration", duration(seconds * 1e6)],
    ["Seed", match.seed ?? "unknown"],
    ["Settings", settings.join(", ")],
    ["Played by", match.version ? `RL Arena ${match.version}` : "an unknown version"],
  ];
  if (result.recording?.ended_because) facts.push(["Recording", result.recording.ended_because]);
  byID("facts").replaceChildren(
    ...facts
      .filter(([, value]) => value !== "")
      .map(([name, value]) => element("div", { class: value.length > 60 ? "long" : null }, element("dt", {}, name), element("dd", {}, element("bdi", {}, value)))),
  );
}

function writeAgents(match) {
  const agents = match.result?.agent_results ?? [];
  byID("agents-box").hidden = agents.length === 0;
  const time = (agent, key) => (agent.think_time?.count > 0 ? duration((agent.think_time[key] ?? NaN) * 1e6) : "–");
  byID("agents").replaceChildren(
    ...agents.map((agent) => {
      const faults = Object.entries(agent.faults ?? {}).map(([kind, count]) => `${number(count)} ${kind}`);
      return element(
        "tr",
        {},
        element("th", { scope: "row" }, element("bdi", {}, agent.agent_id)),
        element("td", {}, number(agent.score)),
        element("td", {}, (faults.join(", ") || "none") + (agent.forfeited ? "; forfeited" : "")),
        element("td", {}, time(agent, "p50_sec")),
        element("td", {}, time(agent, "p99_sec")),
      );
    }),
  );
}

function writeGames(replay, watch) {
  byID("games-box").hidden = false;
  const shown = replay.games.slice(0, MOST_GAMES);
  byID("games").replaceChildren(
    ...shown.map((game) => {
      const winner = game.end?.outcomes.indexOf("win") ?? -1;
      const button = element("button", { type: "button", class: "link" }, `Game ${game.index + 1}`);
      button.addEventListener("click", () => watch(game));
      const agents = Array.from({ length: game.seats }, (_, seat) => replay.agent(game, seat));
      return element(
        "tr",
        {},
        element("th", { scope: "row" }, button),
        element("td", {}, element("bdi", {}, agents.join(" – "))),
        element("td", {}, game.end ? game.end.scores.map((score) => number(Number(score))).join(" – ") : "–"),
        element("td", {}, winner >= 0 ? element("bdi", {}, replay.agent(game, winner)) : game.end ? "nobody" : "the recording ends"),
        element("td", {}, number(game.steps)),
      );
    }),
  );
  if (shown.length < replay.games.length) {
    byID("games").append(element("tr", {}, element("td", { colspan: 5 }, `and ${counted(replay.games.length - shown.length, "more game")}`)));
  }
}
