internal import ArenaCore

/// A value that stands over the one in the file: of a flag, or of an environment variable.
struct ConfigurationOverride {
  /// The value as it was given.
  let value: JSONValue
  /// The flag or the variable.
  let source: ConfigurationSource

  /// Variables other than `CONFIG_PATH`, with the keys that they stand over.
  private static let variables: [(name: String, key: String, isNumber: Bool)] = [
    ("EXECUTOR_HOST", "executor.host", false),
    ("EXECUTOR_PORT", "executor.port", true),
    ("MAX_CONCURRENT_MATCHES", "executor.max_concurrent_matches", true),
    ("KUBECONFIG", "k8s.kubeconfig", false),
    ("LOG_LEVEL", "logging.level", false),
    ("LOG_FORMAT", "logging.format", false),
  ]

  /// Everything that is overridden, by key. A flag wins over a variable; an empty variable counts as not set.
  static func all(flags: ConfigurationFlags, environment: [String: String]) -> [String: ConfigurationOverride] {
    var overrides: [String: ConfigurationOverride] = [:]
    for (name, key, isNumber) in variables {
      guard let text = environment[name], !text.isEmpty else { continue }
      let number = isNumber ? Int64(text).map(JSONValue.integer) : nil
      overrides[key] = ConfigurationOverride(value: number ?? .string(text), source: .variable(name))
    }
    if let host = flags.host {
      overrides["executor.host"] = ConfigurationOverride(value: .string(host), source: .flag("--host"))
    }
    if let port = flags.port {
      overrides["executor.port"] = ConfigurationOverride(value: .integer(Int64(port)), source: .flag("--port"))
    }
    return overrides
  }
}
