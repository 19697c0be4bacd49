public import ArenaCore

/// What an agent's `error` frame is about, by the number in its flags.
public enum AgentErrorKind: UInt8, Sendable {
  /// The agent's code raised.
  case exception = 1
  /// The agent returned something that its host could not encode.
  case invalidAction = 2
  /// The agent could not be loaded.
  case startup = 3

  /// The fault that the frame reports.
  public var fault: FaultKind {
    switch self {
    case .exception: .exception
    case .invalidAction: .invalidAction
    case .startup: .startup
    }
  }
}
