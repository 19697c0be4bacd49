/// The version of this software.
public enum ArenaVersion {
  /// Semantic version, as written into results and replays.
  public static let current = "0.1.0"
}
