import AgentProtocol
import ArenaCore
import Environments
import Synchronization

/// A game made to order. An observation's first number is the step; actions are 0 … 3.
final class TestGame: Environment {
  /// What the game is like.
  struct Rules: Sendable {
    var seats = 2
    /// Seats act in turn; else all at once.
    var takesTurns = false
    var steps = 6
    /// Whether action `step % 4` is illegal in each step.
    var isMasked = false
    /// Bytes of an observation, a multiple of 8.
    var observationBytes = 8
    /// The step that fails, and whether the reset does.
    var failsAt: Int?
    var failsAtReset = false
    /// Whether it says scores of its own: 100 less the seat's number.
    var hasOwnScores = false
    /// The reward of each seat at each step.
    var reward: @Sendable (_ seat: Int, _ step: Int) -> Double = { seat, step in Double(seat) }
    /// Called before each step, from the match's thread.
    var beforeStep: @Sendable (_ step: Int) -> Void = { _ in }
  }

  /// What the game was given to play, step by step.
  final class Record: Sendable {
    let actions = Mutex<[[Int64]]>([])
    let problems = Mutex<[String]>([])
    let seeds = Mutex<[UInt64]>([])
  }

  let spec: EnvironmentSpec
  private let rules: Rules
  private let record: Record
  private var step = 0

  init(_ rules: Rules, record: Record) throws {
    self.rules = rules
    self.record = record
    let numbers = rules.observationBytes / 8
    spec = EnvironmentSpec(
      name: "test",
      summary: "A game made to order.",
      seats: rules.seats,
      isSimultaneous: !rules.takesTurns,
      observation: try SpaceLayout(.box(.int64, shape: [numbers], low: nil, high: nil)),
      action: try SpaceLayout(.discrete(n: 4)),
      actionMaskSize: rules.isMasked ? 4 : 0,
      rewardRange: -1...1,
      configuration: [:]
    )
  }

  func reset(seed: UInt64) throws(EnvironmentFailure) {
    if rules.failsAtReset { throw EnvironmentFailure("no dice") }
    step = 0
    record.seeds.withLock { $0.append(seed) }
  }

  func acts(_ seat: Int) -> Bool { !rules.takesTurns || step % rules.seats == seat }

  func step(_ actions: RawSpan, rewards: inout MutableSpan<Double>) throws(EnvironmentFailure) -> StepOutcome {
    rules.beforeStep(step)
    if step == rules.failsAt { throw EnvironmentFailure("the board fell over") }
    let played = (0..<rules.seats).map { actions.integer(at: $0 * 8, as: Int64.self) }
    record.actions.withLock { $0.append(played) }
    for seat in 0..<rules.seats {
      if acts(seat), !(0..<4).contains(played[seat]) || rules.isMasked && played[seat] == Int64(step % 4) {
        record.problems.withLock { [step] in $0.append("step \(step): seat \(seat) was let play \(played[seat])") }
      }
      if rewards[seat] != 0 { record.problems.withLock { $0.append("rewards are not 0 on entry") } }
      rewards[seat] = rules.reward(seat, step)
    }
    step += 1
    return StepOutcome(terminated: step >= rules.steps, truncated: false)
  }

  /// The step, and a mark in the place of each step played: what was there before must be gone in a new game.
  func writeObservation(for seat: Int, into bytes: inout MutableRawSpan) {
    bytes.store(Int64(step), at: 0)
    let places = rules.observationBytes / 8 - 1
    if places > 0, step > 0 { bytes.store(Int64(step), at: 8 + (step - 1) % places * 8) }
  }

  func writeActionMask(for seat: Int, into bytes: inout MutableRawSpan) {
    for action in 0..<4 { bytes.store(UInt8(action == step % 4 ? 0 : 1), at: action) }
  }

  func score(of seat: Int) -> Double? { rules.hasOwnScores ? Double(100 - seat) : nil }

  func info() -> [String: JSONValue] { ["played": .integer(Int64(step))] }
}
