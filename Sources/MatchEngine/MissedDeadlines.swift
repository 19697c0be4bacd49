/// The newest observations of a game that an agent did not answer in time, so that a late answer can be told from when it was due.
struct MissedDeadlines {
  /// An observation whose time ran out.
  struct Missed: Equatable {
    /// Its sequence.
    var sequence: UInt64
    /// The step that it was for, from 1.
    var step: Int
    /// When its answer was due, in nanoseconds of the monotonic clock.
    var deadline: Int64
  }

  /// More than this many an agent need not catch up with.
  static let limit = 16

  private var newest: [Missed] = []

  /// Keeps one, and forgets the oldest beyond the limit.
  mutating func add(_ missed: Missed) {
    if newest.count == Self.limit { newest.removeFirst() }
    newest.append(missed)
  }

  /// The one with `sequence`, which is then forgotten.
  mutating func take(_ sequence: UInt64) -> Missed? {
    newest.firstIndex { $0.sequence == sequence }.map { newest.remove(at: $0) }
  }

  /// Forgets all: a new game begins.
  mutating func clear() { newest.removeAll(keepingCapacity: true) }
}
