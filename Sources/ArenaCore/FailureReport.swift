/// What is known about the first fault that cost an agent a game, or about its first fault where none did.
public struct FailureReport: Codable, Equatable, Sendable {
  /// The kind of fault.
  public var kind: FaultKind
  /// One sentence.
  public var message: String
  /// The agent's own traceback, where its host sent one.
  public var traceback: String?
  /// Game and step at which it happened, both from 0; nil before the first game.
  public var game: Int?
  /// Steps of that game already played.
  public var step: Int?
  /// Step of the last observation that the agent was sent, from 0.
  public var lastObservationStep: Int?
  /// The last bytes that the agent sent, as hexadecimal digits, at most 64 bytes.
  public var lastBytes: String?
  /// Exit status of its process, where known.
  public var exitStatus: Int?
  /// Signal that ended its process, where known.
  public var signal: Int?
  /// Whether the kernel ended its process for want of memory.
  public var outOfMemory: Bool?
  /// The end of its log, where known.
  public var logTail: String?
  /// Whether the platform itself stalled at that moment.
  public var platformStall: Bool?

  /// A failure with a sentence.
  public init(kind: FaultKind, message: String) {
    self.kind = kind
    self.message = message
  }

  enum CodingKeys: String, CodingKey {
    case kind
    case message
    case traceback
    case game
    case step
    case lastObservationStep = "last_observation_step"
    case lastBytes = "last_bytes"
    case exitStatus = "exit_status"
    case signal
    case outOfMemory = "out_of_memory"
    case logTail = "log_tail"
    case platformStall = "platform_stall"
  }
}
