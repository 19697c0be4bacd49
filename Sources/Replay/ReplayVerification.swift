public import ArenaCore
public import Environments

/// Plays the recorded actions again, in a fresh environment with the recorded seed, and compares every observation and reward bit for bit.
///
/// Give it the events of a whole replay in their order; the first difference, if there is one, is in `difference`.
public struct ReplayVerification {
  /// Where a replay and its game part.
  public struct Difference: Equatable, Sendable, CustomStringConvertible {
    /// The game within the match, from 0.
    public var game: Int
    /// The step within the game, from 1; 0 for what the seats saw before the first.
    public var step: Int
    /// The seat concerned; nil where it is the game as a whole.
    public var seat: Int?
    /// What differs: a sentence without its beginning.
    public var what: String

    /// One sentence.
    public var description: String {
      "game \(game), step \(step)\(seat.map { ", seat \($0)" } ?? ""): \(what)"
    }
  }

  /// The first difference; nil while there is none.
  public private(set) var difference: Difference?
  /// Frames compared.
  public private(set) var frames = 0
  /// Games that were compared to their end.
  public private(set) var completeGames = 0

  private let environment: any Environment
  private var game: Int?
  private var step = 0
  private var isOver = false

  /// Verifies a replay of `match`.
  ///
  /// - Throws: `FieldError` if `registry` has no such game, or the game does not take the recorded configuration.
  public init(_ match: ReplayMatch, registry: EnvironmentRegistry = .standard) throws(FieldError) {
    environment = try registry.make(match.environment, configuration: match.configuration)
    guard environment.spec.observation == match.observation, environment.spec.action == match.action else {
      difference = Difference(game: 0, step: 0, what: "the recorded spaces are not those of \(environment.spec.name)")
      return
    }
  }

  /// Compares the next event. Nothing is compared any more after the first difference.
  public mutating func add(_ event: ReplayEvent) {
    guard difference == nil else { return }
    switch event {
    case .gameStart(let start): begin(start)
    case .frame(let frame): compare(frame)
    case .gameEnd(let end): finish(end)
    }
  }

  private mutating func differs(_ step: Int, seat: Int? = nil, _ what: String) {
    difference = Difference(game: game ?? 0, step: step, seat: seat, what: what)
  }

  private mutating func begin(_ start: ReplayEvent.GameStart) {
    game = start.game
    step = 0
    isOver = false
    do throws(EnvironmentFailure) {
      try environment.reset(seed: start.environmentSeed)
    } catch {
      return differs(0, "the game cannot be started with seed \(start.environmentSeed): \(error)")
    }
    compareObservations(start.observations, step: 0)
  }

  private mutating func compare(_ frame: ReplayFrame) {
    guard let game, frame.game == game else {
      return differs(frame.step, "the frame belongs to game \(frame.game), whose beginning is not recorded")
    }
    guard frame.step == step + 1 else { return differs(frame.step, "the frame follows step \(step)") }
    guard !isOver else { return differs(frame.step, "the game was over after step \(step)") }
    guard let actions = environment.spec.joined(frame.seats.map(\.action)) else {
      return differs(frame.step, "the recorded actions do not fit the game")
    }
    step = frame.step
    var rewards = [Double](repeating: 0, count: frame.seats.count)
    let outcome: StepOutcome
    do throws(EnvironmentFailure) {
      var span = rewards.mutableSpan
      outcome = try environment.step(actions.span.bytes, rewards: &span)
    } catch {
      return differs(step, "the game cannot play the recorded actions: \(error)")
    }
    frames += 1
    compareObservations(frame.seats.map(\.observation), step: step)
    for (seat, recorded) in frame.seats.enumerated()
    where difference == nil && recorded.reward.bitPattern != rewards[seat].bitPattern {
      differs(step, seat: seat, "the recorded reward is \(recorded.reward), the game gives \(rewards[seat])")
    }
    if difference == nil, (outcome.terminated, outcome.truncated) != (frame.terminated, frame.truncated) {
      differs(
        step,
        "recorded is terminated \(frame.terminated), truncated \(frame.truncated); "
          + "the game says \(outcome.terminated), \(outcome.truncated)"
      )
    }
    isOver = outcome.isOver
  }

  private mutating func compareObservations(_ recorded: [[UInt8]], step: Int) {
    let layout = environment.spec.observation
    guard recorded.count == environment.spec.seats else {
      return differs(step, "\(recorded.count) seats are recorded, the game has \(environment.spec.seats)")
    }
    for seat in recorded.indices {
      var actual = [UInt8](repeating: 0, count: layout.size)
      var span = actual.mutableSpan
      var bytes = span.mutableBytes
      environment.writeObservation(for: seat, into: &bytes)
      guard recorded[seat] != actual else { continue }
      let byte = zip(recorded[seat], actual).enumerated().first { $1.0 != $1.1 }?.offset
      return differs(
        step,
        seat: seat,
        "the recorded observation differs from the game's"
          + (byte.map { " from byte \($0) on" } ?? ": \(recorded[seat].count) bytes instead of \(actual.count)")
      )
    }
  }

  private mutating func finish(_ end: ReplayEvent.GameEnd) {
    guard end.game == game else {
      return differs(end.steps, "the end of game \(end.game) is recorded without its beginning")
    }
    guard end.steps == step else { return differs(step, "the game is said to have \(end.steps) steps") }
    completeGames += 1
    game = nil
  }
}
