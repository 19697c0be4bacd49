import AgentProtocol
import ArenaCore
import Environments

/// Nim for two: in turn, take one to three sticks; who takes the last wins. Has what pong lacks: turns, legal actions, scores and info of
/// its own.
final class NimGame: Environment {
  static let registry = EnvironmentRegistry([
    EnvironmentRegistry.Entry(name: "nim", summary: "Take the last stick.") { _ throws(FieldError) in try NimGame() }
  ])

  let spec: EnvironmentSpec
  private var sticks: Int64 = 0
  private var turn = 0

  init() throws(FieldError) {
    spec = EnvironmentSpec(
      name: "nim",
      summary: "Take the last stick.",
      seats: 2,
      isSimultaneous: false,
      observation: try SpaceLayout(.discrete(n: 100)),
      action: try SpaceLayout(.discrete(n: 3)),
      actionMaskSize: 3,
      rewardRange: 0...1,
      configuration: [:]
    )
  }

  func reset(seed: UInt64) {
    sticks = 5 + Int64(seed % 9)
    turn = 0
  }

  func acts(_ seat: Int) -> Bool { seat == turn }

  func step(_ actions: RawSpan, rewards: inout MutableSpan<Double>) throws(EnvironmentFailure) -> StepOutcome {
    let taken = actions.integer(at: turn * 8, as: Int64.self) + 1
    guard taken <= sticks else { throw EnvironmentFailure("\(taken) of \(sticks) sticks cannot be taken") }
    sticks -= taken
    if sticks == 0 { rewards[turn] += 1 }
    turn = 1 - turn
    return StepOutcome(terminated: sticks == 0, truncated: false)
  }

  func writeObservation(for seat: Int, into bytes: inout MutableRawSpan) { bytes.store(sticks, at: 0) }

  func writeActionMask(for seat: Int, into bytes: inout MutableRawSpan) {
    for action in 0..<3 { bytes.store(UInt8(Int64(action) < sticks ? 1 : 0), at: action) }
  }

  /// The last one to move has won.
  func score(of seat: Int) -> Double? { sticks == 0 && seat != turn ? 10 : -10 }

  func info() -> [String: JSONValue] { ["sticks": .integer(sticks)] }
}
