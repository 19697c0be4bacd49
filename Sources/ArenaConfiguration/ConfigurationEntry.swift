/// A key of the configuration, what is in force for it, and from where.
public struct ConfigurationEntry: Sendable, Equatable {
  /// The key's path, such as `executor.port`.
  public let key: String
  /// What is in force, written as in the file.
  public let value: String
  /// Where it comes from.
  public let source: ConfigurationSource

  /// The outermost section that the key stands in.
  var section: Substring { key.prefix { $0 != "." } }
}
