/// What the user asked for with `--sandbox`.
public enum SandboxChoice: String, Sendable, CaseIterable {
  /// bubblewrap where it works, else a plain process.
  case auto
  /// bubblewrap or nothing.
  case bubblewrap = "bwrap"
  /// A plain process.
  case none
}
