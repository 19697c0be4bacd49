/// The numbers of `docs/PROTOCOL.md`.
public enum ProtocolLimits {
  /// The version spoken here.
  public static let version = 1
  /// Largest payload from an agent before `welcome`, and of every JSON payload, in bytes.
  public static let controlPayload = 65_536
  /// Largest payload to an agent that did not say otherwise, in bytes.
  public static let defaultAgentPayload = 16_777_216
  /// Deepest nesting of a JSON payload.
  public static let jsonDepth = 32
  /// Bytes of a step's notes, in UTF-8.
  public static let noteBytes = 1024
  /// Bytes of `log`, `error` and `note` frames per step and seat.
  public static let controlBytesPerStep = 65_536
  /// Answers per step and seat beyond those that are owed.
  public static let extraAnswersPerStep = 1
}
