/// Why a frame or its place in the conversation breaks the protocol.
public enum ProtocolViolation: Error, Equatable, Sendable {
  /// A payload over the limit.
  case oversized(FrameKind, length: Int, limit: Int)
  /// A kind that does not exist.
  case unknownKind(UInt8)
  /// A kind that only the orchestrator sends.
  case wrongDirection(FrameKind)
  /// Flags without a meaning.
  case badFlags(FrameKind, UInt8)
  /// Reserved bytes other than 0.
  case badReserved
  /// A frame that makes no sense now; the text says what was expected.
  case unexpected(FrameKind, expected: String)
  /// An answer to an observation that has not been sent.
  case futureSequence(UInt64, newest: UInt64)
  /// Too much at once.
  case flood(String)
  /// A JSON payload that cannot be read, or lacks what it must have.
  case badPayload(FrameKind, String)
  /// No protocol version in common.
  case noCommonVersion([Int])

  /// The word for the violation in `Tests/Vectors/malformed.json`.
  public var code: String {
    switch self {
    case .oversized: "oversized"
    case .unknownKind: "unknown_kind"
    case .wrongDirection: "wrong_direction"
    case .badFlags: "bad_flags"
    case .badReserved: "bad_reserved"
    case .unexpected: "unexpected"
    case .futureSequence: "future_sequence"
    case .flood: "flood"
    case .badPayload: "bad_payload"
    case .noCommonVersion: "no_common_version"
    }
  }
}

extension ProtocolViolation: CustomStringConvertible {
  /// One sentence for the agent's author.
  public var description: String {
    switch self {
    case .oversized(let kind, let length, let limit):
      "sent a frame \(kind) of \(length) bytes; the limit is \(limit)"
    case .unknownKind(let kind):
      "sent a frame of the unknown kind \(kind)"
    case .wrongDirection(let kind):
      "sent a frame \(kind), which only the orchestrator may send"
    case .badFlags(let kind, let flags):
      "sent a frame \(kind) with flags \(flags), which have no meaning"
    case .badReserved:
      "sent a frame whose reserved bytes are not 0"
    case .unexpected(let kind, let expected):
      "sent a frame \(kind) where \(expected) was expected"
    case .futureSequence(let sequence, let newest):
      "answered observation \(sequence), but the newest is \(newest)"
    case .flood(let what):
      "sent too much between two observations: \(what)"
    case .badPayload(let kind, let problem):
      "sent a frame \(kind) whose payload \(problem)"
    case .noCommonVersion(let versions):
      "speaks protocol versions \(versions); this orchestrator speaks [\(ProtocolLimits.version)]"
    }
  }
}
