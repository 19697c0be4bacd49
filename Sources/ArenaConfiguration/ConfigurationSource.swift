/// Where a value in force comes from.
public enum ConfigurationSource: Sendable, Equatable, CustomStringConvertible {
  /// A flag of the command line, such as `--port`.
  case flag(String)
  /// An environment variable.
  case variable(String)
  /// A line of the configuration file, the first being 1.
  case file(path: String, line: Int)
  /// Nobody said anything else.
  case standard
  /// It cannot be anything else.
  case fixed
  /// It cannot be anything else in a sandbox. Agents that are plain processes do without.
  case fixedInSandbox

  /// The place in the words of the person who looks for it.
  public var description: String {
    switch self {
    case .flag(let name), .variable(let name): name
    case .file(let path, let line): "\(path):\(line)"
    case .standard: "default"
    case .fixed: "always so"
    case .fixedInSandbox: "always so in a sandbox"
    }
  }
}
