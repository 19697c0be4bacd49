/// How agent processes are kept apart from this machine and from each other.
public enum SandboxKind: String, Sendable, CaseIterable {
  /// bubblewrap: namespaces of its own, no capabilities, no network, a private file system.
  case bubblewrap = "bwrap"
  /// A plain process: limits where the machine offers them, and nothing hidden from the agent.
  case none
}
