import Synchronization

/// A number that several tasks count up.
final class Counter: Sendable {
  private let number = Atomic(0)

  var value: Int { number.load(ordering: .relaxed) }

  @discardableResult
  func add(_ amount: Int = 1) -> Int { number.add(amount, ordering: .relaxed).newValue }
}
