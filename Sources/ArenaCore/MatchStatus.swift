/// How a match ended.
public enum MatchStatus: String, Codable, Sendable, CaseIterable {
  /// Played to an end, forfeits included.
  case success
  /// The match's time limit passed.
  case timeout
  /// The environment, the orchestrator or the platform failed.
  case error
  /// Somebody called it off.
  case cancelled
}
