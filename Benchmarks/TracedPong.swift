internal import AgentProtocol
internal import ArenaCore
internal import ArenaSystem
internal import CAllocationCount
internal import Environments

/// Pong that notes when each of its steps is played.
///
/// The match loop tells nobody about single steps. Its environment is asked once in each, on the match's thread, so
/// the time between two calls is one whole step.
final class TracedPong: Environment {
  private let pong: Pong
  private let trace: StepTrace

  /// A game that nobody wins, cut off after `steps` steps, one million at most.
  init(steps: Int, trace: StepTrace) throws {
    pong = try Pong(configuration: ["max_steps": .integer(Int64(steps)), "winning_score": .integer(1_000_000)])
    self.trace = trace
  }

  var spec: EnvironmentSpec { pong.spec }

  func reset(seed: UInt64) { pong.reset(seed: seed) }

  func step(_ actions: RawSpan, rewards: inout MutableSpan<Double>) throws(EnvironmentFailure) -> StepOutcome {
    trace.note(MonotonicClock.now(), allocations: c_allocation_count_of_this_thread())
    return try pong.step(actions, rewards: &rewards)
  }

  func writeObservation(for seat: Int, into bytes: inout MutableRawSpan) {
    pong.writeObservation(for: seat, into: &bytes)
  }

  func info() -> [String: JSONValue] { pong.info() }
}
