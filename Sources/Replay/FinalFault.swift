public import ArenaCore

/// A fault that ended the game before its step could be played, so that no frame has it.
public struct FinalFault: Equatable, Sendable {
  /// The seat whose agent it was.
  public var seat: Int
  /// What the agent did wrong; nil for a kind that this version does not know.
  public var kind: FaultKind?
  /// What is known about it.
  public var message: String
  /// Whether it came while the platform itself stalled.
  public var platformStall: Bool

  /// A fault.
  public init(seat: Int, kind: FaultKind?, message: String, platformStall: Bool = false) {
    self.seat = seat
    self.kind = kind
    self.message = message
    self.platformStall = platformStall
  }
}
