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
  private let environment: (any Environment)?
  /// Whether the environment is in the state of the newest frame.
  private var isInStep = false
  private var rewards: [Double] = []

  /// For the frames of `match`, with the games of `registry`.
  init(_ match: ReplayMatch, registry: EnvironmentRegistry = .standard) {
    environment = try? registry.make(match.environment, configuration: match.configuration)
  }

  /// A game begins.
  mutating func begin(_ game: ReplayEvent.GameStart) {
    isInStep = false
    guard let environment, (try? environment.reset(seed: game.environmentSeed)) != nil else { return }
    isInStep = true
  }

  /// What the environment says after `frame`, which follows the one given last; empty where nobody knows.
  mutating func info(after frame: ReplayFrame) -> [String: JSONValue] {
    let derived = derive(frame)
    if !frame.info.isEmpty, let recorded = try? JSONDecoder().decode(JSONValue.self, from: Data(frame.info.utf8)),
      case .object(let members) = recorded
    {
      return members
    }
    return derived
  }

  private mutating func derive(_ frame: ReplayFrame) -> [String: JSONValue] {
    guard let environment, isInStep, environment.spec.isInfoDerived else { return [:] }
    guard let actions = environment.spec.joined(frame.seats.map(\.action)) else {
      isInStep = false
      return [:]
    }
    rewards = [Double](repeating: 0, count: frame.seats.count)
    do throws(EnvironmentFailure) {
      var span = rewards.mutableSpan
      _ = try environment.step(actions.span.bytes, rewards: &span)
    } catch {
      isInStep = false
      return [:]
    }
    return environment.info()
  }
}
