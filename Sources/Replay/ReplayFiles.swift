public import ArenaSystem
internal import Glibc

/// Where a match's replay lies: `<root>/replays/<match id>.mcap`, `.json` and `.html`.
///
/// What stands behind the root is also what RL Arena's backend is told, which joins it to a root of its own.
public struct ReplayFiles: Sendable {
  /// A form in which a replay is kept.
  public enum Form: String, CaseIterable, Sendable {
    /// The recording itself.
    case mcap
    /// The layout that RL Arena's backend serves and its web player draws.
    case json
    /// The page that plays it.
    case html
  }

  private static let folder = "replays"

  /// The configured folder.
  public let root: String
  /// The match's id, which `MatchSpec` has found fit for a file's name.
  public let matchID: String

  /// The files of a match under `root`.
  public init(root: String, matchID: String) {
    self.root = root
    self.matchID = matchID
  }

  /// The file's name seen from the root.
  public func name(_ form: Form) -> String { "\(Self.folder)/\(matchID).\(form.rawValue)" }

  /// The file's path.
  public func path(_ form: Form) -> String { "\(root)/\(name(form))" }

  /// Makes the folder that the files lie in, and the root where only that is missing.
  ///
  /// - Throws: `SystemFailure` if it is not there and cannot be made.
  public func makeFolder() throws(SystemFailure) {
    for path in [root, "\(root)/\(Self.folder)"] {
      guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw SystemFailure("making the folder \(path)", errno) }
    }
  }
}
