internal import Foundation

/// The configuration in force, and what can be said about it: from where each value comes, and what has no effect.
///
/// A flag wins over an environment variable, that over the file, that over the default.
public struct EffectiveConfiguration: Sendable, Equatable {
  /// The values.
  public let configuration: ExecutorConfiguration
  /// The file that was read; nil where there is none.
  public let path: String?
  /// Sentences about what the file says and is accepted, but does something else, with their places.
  public let warnings: [String]
  /// Every key with its value and where that comes from, section by section.
  public let entries: [ConfigurationEntry]

  /// Reads the configuration: of the file that `--config` names, else of that which `CONFIG_PATH` names, else of
  /// `config/limits.yaml` in `workingDirectory` or the nearest folder above it that has one, else none.
  ///
  /// - Parameters:
  ///   - flags: what the command line says.
  ///   - environment: the process's variables. `EXECUTOR_HOST`, `EXECUTOR_PORT`, `MAX_CONCURRENT_MATCHES`, `KUBECONFIG`, `LOG_LEVEL`,
  ///     `LOG_FORMAT` and `CONFIG_PATH` count; empty ones do not.
  ///   - workingDirectory: where the search begins; nil for the process's.
  ///   - processors: how many processors there are; nil for as many as this process may use.
  /// - Throws: `ConfigurationError` with everything that is wrong.
  public init(
    flags: ConfigurationFlags = ConfigurationFlags(),
    environment: [String: String],
    workingDirectory: String? = nil,
    processors: Int? = nil
  ) throws(ConfigurationError) {
    let named = flags.config ?? environment["CONFIG_PATH"].flatMap { $0.isEmpty ? nil : $0 }
    let folder = workingDirectory ?? FileManager.default.currentDirectoryPath
    let path = named ?? ConfigurationFile.find(above: folder)
    try self.init(
      file: path.map { path throws(ConfigurationError) in try ConfigurationFile(path: path) },
      flags: flags,
      environment: environment,
      processors: processors
    )
  }

  /// Reads the configuration that `text` is, as if it stood in a file at `path`; otherwise as the other initializer.
  ///
  /// - Throws: `ConfigurationError` with everything that is wrong.
  public init(
    text: String,
    path: String,
    flags: ConfigurationFlags = ConfigurationFlags(),
    environment: [String: String] = [:],
    processors: Int? = nil
  ) throws(ConfigurationError) {
    try self.init(
      file: try ConfigurationFile(text, path: path),
      flags: flags,
      environment: environment,
      processors: processors
    )
  }

  private init(
    file: ConfigurationFile?,
    flags: ConfigurationFlags,
    environment: [String: String],
    processors: Int?
  ) throws(ConfigurationError) {
    var reading = ConfigurationReading(
      file: file,
      overrides: ConfigurationOverride.all(flags: flags, environment: environment)
    )
    configuration = ExecutorConfiguration(&reading, processors: processors)
    try reading.finish()
    path = file?.path
    warnings = reading.warnings
    let sections = reading.entries.reduce(into: [Substring]()) { sections, entry in
      if !sections.contains(entry.section) { sections.append(entry.section) }
    }
    entries = sections.flatMap { section in reading.entries.filter { $0.section == section } }
  }

  /// A text that says for every key what is in force and from where, then all warnings.
  public func report() -> String {
    let keyWidth = entries.map(\.key.count).max() ?? 0
    let valueWidth = min(40, entries.map(\.value.count).max() ?? 0)
    let lines = entries.map { entry in
      let key = entry.key.padding(toLength: keyWidth, withPad: " ", startingAt: 0)
      let value = entry.value.padding(toLength: max(valueWidth, entry.value.count), withPad: " ", startingAt: 0)
      return "\(key)  \(value)  \(entry.source)\n"
    }
    let title = "Configuration file: \(path ?? "none")\n"
    return title + lines.joined() + warnings.map { "Warning: \($0)\n" }.joined()
  }
}
