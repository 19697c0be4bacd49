internal import ArenaCore
internal import Environments

/// A game that is played again with the actions of a replay.
struct ReplayedGame {
  /// Why the recorded actions cannot be played: a sentence without its beginning.
  struct Failure: Error {
    let reason: String
  }

  /// The game itself, in the state after the last frame that was played.
  let environment: any Environment
  /// What every seat earned in the last frame.
  private(set) var rewards: [Double]
  /// What every seat has earned since the reset.
  private(set) var totals: [Double]
  /// Frames played since the reset.
  private(set) var steps = 0
  /// Whether the game has come to its end.
  private(set) var isOver = true
  private var actions: [UInt8] = []

  /// A game of `environment`, not begun.
  init(_ environment: any Environment) {
    self.environment = environment
    rewards = [Double](repeating: 0, count: environment.spec.seats)
    totals = rewards
  }

  /// Begins the game.
  ///
  /// - Throws: `Failure` if the environment does not.
  mutating func begin(seed: UInt64) throws(Failure) {
    isOver = true
    do throws(EnvironmentFailure) {
      try environment.reset(seed: seed)
    } catch {
      throw Failure(reason: "the game cannot be started with seed \(seed): \(error)")
    }
    steps = 0
    isOver = false
    for seat in totals.indices { totals[seat] = 0 }
  }

  /// Plays the actions of `frame`. Seats that did not act play zeros, which the game does not look at.
  ///
  /// - Throws: `Failure` if they do not fit, or the game fails by them.
  mutating func play(_ frame: ReplayFrame) throws(Failure) -> StepOutcome {
    let spec = environment.spec
    guard frame.seats.count == spec.seats else {
      throw Failure(reason: "\(frame.seats.count) seats are recorded, the game has \(spec.seats)")
    }
    actions.removeAll(keepingCapacity: true)
    for (seat, recorded) in frame.seats.enumerated() {
      guard recorded.action.isEmpty || recorded.action.count == spec.action.size else {
        throw Failure(
          reason: "seat \(seat)'s action takes \(recorded.action.count) bytes, the game's take \(spec.action.size)"
        )
      }
      if recorded.action.isEmpty {
        actions.append(contentsOf: repeatElement(0, count: spec.action.size))
      } else {
        actions.append(contentsOf: recorded.action)
      }
    }
    for seat in rewards.indices { rewards[seat] = 0 }
    let (environment, actions) = (environment, actions)
    let outcome: StepOutcome
    do throws(EnvironmentFailure) {
      var span = rewards.mutableSpan
      outcome = try environment.step(actions.span.bytes, rewards: &span)
    } catch {
      throw Failure(reason: "the game cannot play the recorded actions: \(error)")
    }
    for seat in totals.indices { totals[seat] += rewards[seat] }
    steps += 1
    isOver = outcome.isOver
    return outcome
  }

  /// The score of `seat`: its own where the game declares one, else the sum of its rewards.
  func score(of seat: Int) -> Double { environment.score(of: seat) ?? totals[seat] }
}
