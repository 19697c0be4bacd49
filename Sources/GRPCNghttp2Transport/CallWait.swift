internal import Synchronization

/// A handler's wait, which the cancellation of its task ends, from whatever thread that comes.
final class CallWait: Sendable {
  private let cancelled = Atomic(false)

  /// Whether the task was cancelled.
  var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

  /// Remembers that it was, for a wait that has not begun.
  func cancel() { cancelled.store(true, ordering: .releasing) }
}
