public import AgentSandbox
internal import ArenaCore

/// The section `sandbox`: how agents on this machine are kept apart.
public struct SandboxSettings: Sendable, Equatable {
  /// The folder in which uploaded agents are unpacked (`tmp_dir`).
  public var temporaryDirectory = "/tmp/agent_code"
  /// What keeps agents apart (`kind`).
  public var kind = SandboxChoice.auto
  /// Path of the Python interpreter; nil for the one that is found (`python`).
  public var python: String?

  /// The defaults.
  public init() {}

  init(_ reading: inout ConfigurationReading) {
    temporaryDirectory = reading.text("sandbox.tmp_dir", or: temporaryDirectory)
    kind = reading.value("sandbox.kind", or: kind, shown: { $0.rawValue }) { (section, name) throws(FieldError) in
      try section.choice(name, of: SandboxChoice.self)
    }
    python = reading.text("sandbox.python")
    reading.replaced(
      "sandbox.use_docker",
      { (section, name) throws(FieldError) in try section.bool(name) },
      { $0 ? "bubblewrap keeps agents apart on this machine (sandbox.kind), containers in Kubernetes" : nil }
    )
    reading.replaced(
      "sandbox.docker_image",
      { (section, name) throws(FieldError) in try section.string(name) },
      { _ in "agents run with this machine's Python (sandbox.python), in Kubernetes in images of their own" }
    )
    let always = "it cannot be switched off in a sandbox"
    for key in ["read_only_root", "drop_capabilities", "no_new_privileges"] {
      reading.fixed("sandbox.\(key)", true, from: .fixedInSandbox, says: always)
    }
  }
}
