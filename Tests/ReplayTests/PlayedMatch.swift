import AgentProtocol
import ArenaCore
import Environments
import Foundation
import MatchEngine
import Replay
import TestSupport

/// A match of built-in agents, played by the engine and recorded by it.
struct PlayedMatch {
  let folder: ReplayFolder
  let path: String
  let result: MatchResult

  /// Plays a match of random agents.
  static func play(
    _ environment: String = "pong",
    registry: EnvironmentRegistry = .standard,
    steps: Int? = 30,
    games: Int = 2,
    seed: UInt64 = 7
  ) async throws -> PlayedMatch {
    let folder = try ReplayFolder()
    // Nobody wins before the steps are over.
    let settings = steps.map { ["max_steps": JSONValue.integer(Int64($0)), "winning_score": .integer(1000)] }
    let game = try registry.make(environment, configuration: settings ?? [:])
    let spec = try MatchSpec(
      matchID: "played",
      environment: environment,
      environmentConfiguration: game.spec.configuration,
      agents: [AgentSpec(agentID: "left, \"the\" <first>"), AgentSpec(agentID: "right")],
      seed: seed,
      games: games
    )
    let plan = MatchPlan(
      spec: spec,
      sources: [.builtIn(.random), .builtIn(.random)],
      replayPath: folder.path(),
      provenance: Provenance.metadata(of: spec, game: game.spec)
    )
    let match = try Match(plan, environment: game)
    return PlayedMatch(folder: folder, path: folder.path(), result: await match.play())
  }

  /// What the replay says about the match.
  var match: ReplayMatch {
    get throws { try ReplayMatch(metadata: try ReplayReader(path: path).metadata) }
  }

  /// All events of the replay.
  var events: [ReplayEvent] {
    get throws { try ReplayReader(path: path).allEvents() }
  }
}
