internal import NIOCore

/// Tells a client that pings too often.
///
/// Source: [server-side keepalive enforcement](https://github.com/grpc/proposal/blob/master/A8-client-side-keepalive.md).
struct PingPolicy {
  /// Bad pings before the connection is ended.
  private static let mostStrikes = 2
  /// The least time between pings while there is no call and pings without calls are not allowed.
  private static let intervalWithoutCalls = TimeAmount.hours(2)

  private let interval: TimeAmount
  private let allowsWithoutCalls: Bool
  private var strikes = 0
  private var lastPing: NIODeadline?

  /// A policy with these rules.
  init(_ rules: KeepaliveRules) {
    interval = TimeAmount(bounded: rules.minimumClientInterval)
    allowsWithoutCalls = rules.allowsPingsWithoutCalls
  }

  /// Something was sent to the client: it may look whether the connection still stands.
  mutating func responseSent() {
    strikes = 0
    lastPing = nil
  }

  /// A ping came in.
  ///
  /// - Returns: False if it is one too many.
  mutating func pingArrived(openCalls: Int, now: NIODeadline) -> Bool {
    defer { lastPing = now }
    guard let lastPing else { return true }
    let least = openCalls == 0 && !allowsWithoutCalls ? Self.intervalWithoutCalls : interval
    if now - lastPing < least { strikes += 1 }
    return strikes <= Self.mostStrikes
  }
}
