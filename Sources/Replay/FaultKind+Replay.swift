import ArenaCore

extension FaultKind {
  /// The fault's number in `Fault` of `proto/replay.proto`.
  var replayNumber: UInt64 {
    switch self {
    case .timeout: 1
    case .invalidAction: 2
    case .exception: 3
    case .protocol: 4
    case .disconnected: 5
    case .startup: 6
    }
  }
  /// The fault with this number; nil if there is none.
  init?(replayNumber: Int) {
    guard let fault = Self.allCases.first(where: { $0.replayNumber == UInt64(max(0, replayNumber)) }) else {
      return nil
    }
    self = fault
  }
}
