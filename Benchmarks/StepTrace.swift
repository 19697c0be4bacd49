/// What a `TracedPong` saw: when its steps were played, and what the match's thread had allocated by then.
final class StepTrace: @unchecked Sendable {  // The match's thread writes it; it is read once the match has returned.
  /// When each step was played, in nanoseconds of the monotonic clock. Room for all is made beforehand.
  fileprivate(set) var instants: UnsafeMutableBufferPointer<Int64>
  /// Steps played.
  private(set) var count = 0
  /// Seconds for which the match waited between steps for the recording's thread.
  var waited = 0.0
  /// Allocations of the match's thread up to `firstCounted`.
  private var allocationsAtFirst: UInt64 = 0
  private var allocationsAtLast: UInt64 = 0

  /// The step from which on allocations are counted: chunks have been handed over, all lazy set-up is done.
  private static let firstCounted = 1000

  /// A trace for at most `capacity` steps.
  init(capacity: Int) {
    instants = .allocate(capacity: capacity)
    instants.initialize(repeating: 0)
  }

  deinit { instants.deallocate() }

  /// Notes that a step was played at `instant`, when the thread had made `allocations`.
  @inline(__always)
  func note(_ instant: Int64, allocations: UInt64) {
    guard count < instants.count else { return }
    instants[count] = instant
    count += 1
    if count == Self.firstCounted { allocationsAtFirst = allocations }
    allocationsAtLast = allocations
  }

  /// Heap allocations per step on the match's thread, from the thousandth step on; nil where there were not as many.
  var allocationsPerStep: Double? {
    guard count > Self.firstCounted else { return nil }
    return Double(allocationsAtLast - allocationsAtFirst) / Double(count - Self.firstCounted)
  }

  /// When the steps were played.
  var playedAt: Slice<UnsafeMutableBufferPointer<Int64>> { instants[..<count] }
}
