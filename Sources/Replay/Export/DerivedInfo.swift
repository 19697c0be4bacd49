internal import ArenaCore
internal import Environments

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What the environment says about its state after each step of a replay: read from the frames where it was recorded, else found by playing the
/// recorded actions again.
struct DerivedInfo {
  /// The game where its `info` follows from seed and actions; nil where it does not, or nobody here knows the game.
  private var game: ReplayedGame?
  /// Whether the game is in the state of the newest frame.
  private var isInStep = false

  /// For the frames of `match`, with the games of `registry`.
  init(_ match: ReplayMatch, registry: EnvironmentRegistry = .standard) {
    guard let environment = try? registry.make(match.environment, configuration: match.configuration),
      environment.spec.isInfoDerived, environment.spec.action == match.action
    else { return }
    game = ReplayedGame(environment)
  }

  /// A game begins.
  mutating func begin(_ start: ReplayEvent.GameStart) {
    isInStep = (try? game?.begin(seed: start.environmentSeed)) != nil
  }

  /// What the environment says after `frame`, which follows the one given last; empty where nobody knows.
  mutating func info(after frame: ReplayFrame) -> [String: JSONValue] {
    if isInStep { isInStep = frame.step == game.map { $0.steps + 1 } && (try? game?.play(frame)) != nil }
    if !frame.info.isEmpty {
      return (try? JSONDecoder().decode([String: JSONValue].self, from: Data(frame.info.utf8))) ?? [:]
    }
    return isInStep ? game?.environment.info() ?? [:] : [:]
  }
}
