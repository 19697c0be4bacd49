/// Where a match is in its life. Phases follow each other in this order; what the platform does not have is skipped.
public enum MatchPhase: Int, Sendable, Comparable, CaseIterable {
  /// Waits for a place.
  case queued
  /// Has a place.
  case scheduled
  /// Its images are being fetched.
  case pulling
  /// Agents load, or play.
  case running
  /// Over.
  case finished

  /// Whether one comes before the other.
  public static func < (left: MatchPhase, right: MatchPhase) -> Bool { left.rawValue < right.rawValue }
}
