internal import NIOCore

/// How often a client may make this side reset a stream.
///
/// libnghttp2 limits the resets that a client sends. A client can also provoke ours, by breaking a rule on each of its streams,
/// and would have us start and end handlers as fast as it likes.
struct ResetAllowance {
  private static let most = 500.0
  private static let perSecond = 50.0

  private var left = Self.most
  private var time: NIODeadline

  /// A full allowance.
  init(now: NIODeadline) {
    time = now
  }

  /// Takes one off.
  ///
  /// - Returns: False if none was left.
  mutating func take(now: NIODeadline) -> Bool {
    let elapsed = Double((now - time).nanoseconds) / 1e9
    time = now
    left = min(Self.most, left + elapsed * Self.perSecond)
    guard left >= 1 else { return false }
    left -= 1
    return true
  }
}
