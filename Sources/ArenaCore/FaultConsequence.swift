/// What follows from a fault.
public enum FaultConsequence: String, Codable, Sendable, CaseIterable {
  /// The fallback action is played and the game goes on.
  case fallback
  /// The seat forfeits the match.
  case forfeit
  /// The match is void: it has no verdict and may be played again.
  case void
}
