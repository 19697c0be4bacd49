import Synchronization

/// Counts from 1, on any thread.
final class Counter: Sendable {
  private let count = Atomic(0)

  /// The next number.
  func next() -> Int { count.wrappingAdd(1, ordering: .relaxed).newValue }

  /// The last number.
  var value: Int { count.load(ordering: .relaxed) }
}
