/// How a game ended for one seat. Raw values are those of `Outcome` in `proto/replay.proto`.
public enum SeatOutcome: UInt8, Sendable, CaseIterable {
  /// The game did not come to an end.
  case none = 0
  /// The seat won.
  case win = 1
  /// The seat lost.
  case loss = 2
  /// Nobody won.
  case draw = 3
}
