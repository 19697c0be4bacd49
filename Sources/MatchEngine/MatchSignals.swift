internal import ArenaSystem
internal import Synchronization

/// What other threads tell the match loop.
final class MatchSignals: Sendable {
  /// Makes the loop's wait return.
  let wake: WakeSignal
  /// Wakes the loop at a deadline.
  let deadline: StepDeadline
  /// Events about agents.
  let inbox: AgentInbox
  private let cancelled = Atomic<Bool>(false)
  private let reason = Mutex("")

  init() throws(SystemFailure) {
    wake = try WakeSignal()
    deadline = StepDeadline(waking: wake)
    inbox = AgentInbox(waking: wake)
  }

  /// Whether the match was called off.
  var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

  /// Why the match was called off.
  var cancelReason: String { reason.withLock { $0 } }

  /// Calls the match off.
  func cancel(_ text: String) {
    reason.withLock { if $0.isEmpty { $0 = text } }
    cancelled.store(true, ordering: .sequentiallyConsistent)
    wake.wake()
  }
}
