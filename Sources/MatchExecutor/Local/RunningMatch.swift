internal import AgentSandbox
internal import Synchronization

/// A match that has a place, from the moment it gets it: it can be called off before its agents are there.
final class RunningMatch: Sendable {
  private struct State {
    var match: LocalMatch?
    var cancelReason: String?
  }

  private let state = Mutex(State())

  /// The match is about to be played.
  func attach(_ match: LocalMatch) {
    let reason = state.withLock { state in
      state.match = match
      return state.cancelReason
    }
    if let reason { match.cancel(reason) }
  }

  /// Calls the match off; the first reason counts.
  func cancel(_ reason: String) {
    let match = state.withLock { state in
      if state.cancelReason == nil { state.cancelReason = reason }
      return state.match
    }
    match?.cancel(reason)
  }

  /// Why it was called off; nil where it was not.
  var cancelReason: String? { state.withLock { $0.cancelReason } }
}
