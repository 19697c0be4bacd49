/// Decides how the match's thread wakes where it shares a processor with an agent.
///
/// While all agents answer within microseconds, it is best to let the agent on the loop's own processor finish when another's answer
/// comes: two switches between processes less in every step. But then an agent that computes for long would hold up the loop for as much as its time slice, a few
/// milliseconds. So the loop wakes in turn only after many quick steps, only until a step is slow, and only where the time for a step is so
/// long that nothing can be decided by those milliseconds.
struct WakePolicy {
  /// What the thread should do.
  enum Change: Equatable {
    /// Wake at once from here on.
    case atOnce
    /// Wake in turn from here on.
    case inTurn
  }

  /// A step that takes longer is not quick, in nanoseconds.
  static let quickStep: Int64 = 1_000_000
  /// Quick steps in a row after which the thread may wake in turn.
  static let quickStepsNeeded = 64
  /// The least time for a step for which it may, in nanoseconds.
  static let leastStepTimeout: Int64 = 200_000_000

  private let isAllowed: Bool
  private var quickSteps = 0
  private(set) var isInTurn = false

  /// - Parameters:
  ///   - sharesProcessor: whether an agent runs on the thread's own processor.
  ///   - stepTimeout: the time for a step in nanoseconds; nil for no limit.
  init(sharesProcessor: Bool, stepTimeout: Int64?) {
    isAllowed = sharesProcessor && (stepTimeout ?? .max) >= Self.leastStepTimeout
  }

  /// All have answered `elapsed` nanoseconds after they were asked.
  @inline(__always)
  mutating func stepEnded(after elapsed: Int64) -> Change? {
    guard isAllowed else { return nil }
    guard elapsed <= Self.quickStep else { return stepIsSlow() }
    guard quickSteps < Self.quickStepsNeeded else { return nil }
    quickSteps += 1
    guard quickSteps == Self.quickStepsNeeded else { return nil }
    isInTurn = true
    return .inTurn
  }

  /// Some have not answered `elapsed` nanoseconds after they were asked.
  @inline(__always)
  mutating func stepGoesOn(after elapsed: Int64) -> Change? {
    guard isAllowed, elapsed > Self.quickStep else { return nil }
    return stepIsSlow()
  }

  private mutating func stepIsSlow() -> Change? {
    quickSteps = 0
    guard isInTurn else { return nil }
    isInTurn = false
    return .atOnce
  }
}
