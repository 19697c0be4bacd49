internal import AgentProtocol
public import ArenaCore
public import Environments

/// Plays the recorded actions again, in a fresh environment with the recorded seed, and compares every observation and reward bit for bit.
///
/// It compares besides what follows from them: which seats acted and what was legal, when the game ended, the scores and who won, and that
/// every game's seed is the match's. Give it the events of a whole replay in their order, then `finish()`; the first difference, if there
/// is one, is in `difference`.
public struct ReplayVerification {
  /// Where a replay and its game part.
  public struct Difference: Equatable, Sendable, CustomStringConvertible {
    /// The game within the match, from 0; nil where it is the match as a whole.
    public var game: Int?
    /// The step within the game, from 1; 0 for what the seats saw before the first.
    public var step: Int?
    /// The seat concerned; nil where it is the game as a whole.
    public var seat: Int?
    /// What differs: a sentence without its beginning.
    public var what: String

    /// One sentence.
    public var description: String {
      let place = [("game", game), ("step", step), ("seat", seat)].compactMap { name, number in
        number.map { "\(name) \($0)" }
      }
      return place.isEmpty ? what : "\(place.joined(separator: ", ")): \(what)"
    }
  }

  /// The first difference; nil while there is none.
  public private(set) var difference: Difference?
  /// Frames compared.
  public private(set) var frames = 0
  /// Games that were compared to their end.
  public private(set) var completeGames = 0

  private let match: ReplayMatch
  private let spec: EnvironmentSpec
  private let checker: ActionChecker
  private var replayed: ReplayedGame
  /// The game being compared; nil between games.
  private var current: ReplayEvent.GameStart?
  /// Whether its frames can be played: a game that was forfeited before it began has no state.
  private var isPlayed = false
  /// Which seats had forfeited by the last frame.
  private var forfeited: [Bool] = []
  /// The winner of every complete game, as the index in the request.
  private var winners: [Int?] = []
  /// Every agent's sum of scores over the complete games.
  private var totals: [Double]
  private var observation: [UInt8]
  private var mask: [UInt8]

  /// Verifies a replay of `match`.
  ///
  /// - Throws: `FieldError` if `registry` has no such game, or the game does not take the recorded configuration.
  public init(_ match: ReplayMatch, registry: EnvironmentRegistry = .standard) throws(FieldError) {
    self.match = match
    let environment = try registry.make(match.environment, configuration: match.configuration)
    spec = environment.spec
    checker = ActionChecker(spec.action)
    replayed = ReplayedGame(environment)
    totals = [Double](repeating: 0, count: match.agentIDs.count)
    observation = [UInt8](repeating: 0, count: spec.observation.size)
    mask = [UInt8](repeating: 0, count: spec.actionMaskSize)
    if spec.observation != match.observation || spec.action != match.action {
      differs("the recorded spaces are not those of \(spec.name)")
    } else if match.agentIDs.count != spec.seats {
      differs("\(match.agentIDs.count) agents are recorded, \(spec.name) has \(spec.seats) seats")
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

  /// Compares the match's result with the games, where the replay has one and all games are complete.
  public mutating func finish() {
    guard difference == nil, current == nil, case .object(let result) = match.result else { return }
    guard result["status"] == .string(MatchStatus.success.rawValue), winners.count == completeGames else { return }
    let winner = SeriesVerdict.winner(ofGames: winners, totals: totals).map { match.agentIDs[$0] }
    let recorded: String? = if case .string(let id) = result["winner_agent_id"], !id.isEmpty { id } else { nil }
    guard recorded != winner else { return }
    differs("the recorded winner is \(recorded ?? "nobody"), by the games it is \(winner ?? "nobody")")
  }

  private mutating func differs(_ what: String, step: Int? = nil, seat: Int? = nil) {
    difference = Difference(game: current?.game, step: step, seat: seat, what: what)
  }

  // MARK: - A game's beginning

  private mutating func begin(_ start: ReplayEvent.GameStart) {
    current = start
    forfeited = [Bool](repeating: false, count: spec.seats)
    isPlayed = false
    guard start.agents.sorted() == Array(match.agentIDs.indices) else {
      return differs("the seats are said to be taken by the agents \(start.agents)", step: 0)
    }
    if let seed = match.seed, MatchSeed(seed).environment(game: start.game) != start.environmentSeed {
      return differs(
        "the game was started with seed \(start.environmentSeed), which does not follow from the match's seed \(seed)",
        step: 0
      )
    }
    // A game that was forfeited before its first step was not even begun.
    guard !start.observations.isEmpty else { return }
    isPlayed = true
    do throws(ReplayedGame.Failure) {
      try replayed.begin(seed: start.environmentSeed)
    } catch {
      return differs(error.reason, step: 0)
    }
    guard start.observations.count == spec.seats else {
      return differs("\(start.observations.count) seats are recorded, the game has \(spec.seats)", step: 0)
    }
    for seat in start.observations.indices { compare(start.observations[seat], of: seat, step: 0) }
  }

  // MARK: - Steps

  private mutating func compare(_ frame: ReplayFrame) {
    guard let current, frame.game == current.game, isPlayed else {
      return differs("a frame of game \(frame.game) follows, whose beginning is not recorded", step: frame.step)
    }
    guard frame.step == replayed.steps + 1 else {
      return differs("the frame follows step \(replayed.steps)", step: frame.step)
    }
    guard !replayed.isOver else { return differs("the game was over before this step", step: frame.step) }
    for (seat, recorded) in frame.seats.enumerated() where difference == nil {
      compareChoice(recorded, of: seat, step: frame.step)
    }
    guard difference == nil else { return }
    let outcome: StepOutcome
    do throws(ReplayedGame.Failure) {
      outcome = try replayed.play(frame)
    } catch {
      return differs(error.reason, step: frame.step)
    }
    frames += 1
    for (seat, recorded) in frame.seats.enumerated() where difference == nil {
      compare(recorded.observation, of: seat, step: frame.step)
      if difference == nil, recorded.reward.bitPattern != replayed.rewards[seat].bitPattern {
        differs(
          "the recorded reward is \(recorded.reward), the game gives \(replayed.rewards[seat])",
          step: frame.step,
          seat: seat
        )
      }
      forfeited[seat] = recorded.forfeited
    }
    if difference == nil, (outcome.terminated, outcome.truncated) != (frame.terminated, frame.truncated) {
      differs(
        "recorded is terminated \(frame.terminated), truncated \(frame.truncated); "
          + "the game says \(outcome.terminated), \(outcome.truncated)",
        step: frame.step
      )
    }
  }

  /// Compares whether a seat was asked, what it was allowed, and whether it played that.
  private mutating func compareChoice(_ recorded: ReplayFrame.Seat, of seat: Int, step: Int) {
    guard seat < spec.seats else { return }
    guard recorded.acted == replayed.environment.acts(seat) else {
      return differs("the seat \(recorded.acted ? "acted" : "did not act") out of its turn", step: step, seat: seat)
    }
    guard recorded.acted else { return }
    if spec.actionMaskSize > 0 {
      let environment = replayed.environment
      var span = mask.mutableSpan
      var bytes = span.mutableBytes
      environment.writeActionMask(for: seat, into: &bytes)
      guard recorded.actionMask == mask else {
        return differs("the recorded legal actions are not the game's", step: step, seat: seat)
      }
    }
    guard recorded.action.count == spec.action.size else {
      return differs("the seat acted, but no action of the game is recorded", step: step, seat: seat)
    }
    if let problem = checker.problem(with: recorded.action.span.bytes, mask: mask.span.bytes) {
      differs("the recorded action \(problem)", step: step, seat: seat)
    }
  }

  private mutating func compare(_ recorded: [UInt8], of seat: Int, step: Int) {
    guard difference == nil, seat < spec.seats else { return }
    // Not every game writes every byte.
    for index in observation.indices { observation[index] = 0 }
    let environment = replayed.environment
    var span = observation.mutableSpan
    var bytes = span.mutableBytes
    environment.writeObservation(for: seat, into: &bytes)
    guard recorded != observation else { return }
    guard recorded.count == observation.count,
      let byte = recorded.indices.first(where: { recorded[$0] != observation[$0] })
    else {
      return differs(
        "the recorded observation takes \(recorded.count) bytes instead of \(observation.count)",
        step: step,
        seat: seat
      )
    }
    let (theirs, ours) = (value(recorded, at: byte), value(observation, at: byte))
    differs(
      "the recorded observation differs from byte \(byte) on: \(theirs) instead of \(ours)",
      step: step,
      seat: seat
    )
  }

  /// The number that a byte of an observation belongs to, where the observation is one array; else the byte itself.
  private func value(_ bytes: [UInt8], at byte: Int) -> String {
    guard spec.observation.leaves.count == 1, byte < spec.observation.leaves[0].size,
      case .array(let elements) = spec.observation.value(in: bytes.span.bytes), !elements.isEmpty
    else { return "\(bytes[byte])" }
    return "\(elements[byte / (spec.observation.leaves[0].size / elements.count)])"
  }

  // MARK: - A game's end

  private mutating func finish(_ end: ReplayEvent.GameEnd) {
    guard let start = current else {
      // A game that could not be begun has an end only.
      if end.reason != GameResult.Ending.aborted.rawValue || end.steps != 0 {
        differs("the end of game \(end.game) is recorded without its beginning")
      }
      return
    }
    guard end.game == start.game else { return differs("the end of game \(end.game) is recorded in its place") }
    let steps = isPlayed ? replayed.steps : 0
    guard end.steps == steps else {
      return differs("the game is said to have \(end.steps) steps, recorded are \(steps)")
    }
    guard end.scores.count == spec.seats, end.outcomes.count == spec.seats else {
      return differs("the game's end has \(end.scores.count) scores, the game has \(spec.seats) seats")
    }
    for seat in end.scores.indices where isPlayed {
      let score = replayed.score(of: seat)
      guard end.scores[seat].bitPattern == score.bitPattern else {
        return differs("the recorded score is \(end.scores[seat]), the game gives \(score)", seat: seat)
      }
    }
    let ending = GameResult.Ending(rawValue: end.reason)
    if ending == .terminated || ending == .truncated {
      guard isPlayed, replayed.isOver else {
        return differs("the game is said to be \(end.reason), but it is not over")
      }
      compareOutcomes(end)
      guard difference == nil else { return }
    }
    if ending != .aborted {
      let winner = end.outcomes.firstIndex(of: .win)
      winners.append(winner.map { start.agents[$0] })
      completeGames += 1
    }
    for (seat, agent) in start.agents.enumerated() { totals[agent] += end.scores[seat] }
    current = nil
  }

  /// Compares who won a game that was played to its end.
  private mutating func compareOutcomes(_ end: ReplayEvent.GameEnd) {
    let winner = SeriesVerdict.winner(scores: end.scores, forfeited: forfeited)
    for (seat, outcome) in end.outcomes.enumerated() {
      let expected: SeatOutcome =
        if forfeited[seat] { .loss } else if let winner { winner == seat ? .win : .loss } else { .draw }
      guard outcome == expected else {
        return differs("the recorded outcome is a \(outcome), by the scores it is a \(expected)", seat: seat)
      }
    }
  }
}
