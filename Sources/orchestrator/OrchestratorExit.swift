import ArenaCore

/// The orchestrator's exit statuses. Kubernetes' pod failure policy is written against them.
enum OrchestratorExit: Int32 {
  /// Played to an end or to the match's time limit.
  case played = 0
  /// The environment, the orchestrator or the platform failed.
  case failed = 1
  /// The configuration cannot be used.
  case badConfiguration = 2
  /// Called off.
  case cancelled = 3

  /// The exit status of a match that ended as `status`.
  init(_ status: MatchStatus) {
    self =
      switch status {
      case .success, .timeout: .played
      case .error: .failed
      case .cancelled: .cancelled
      }
  }
}
