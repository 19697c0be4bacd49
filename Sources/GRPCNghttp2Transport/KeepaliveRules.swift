/// How a connection is kept alive, and how much of that is too much.
public struct KeepaliveRules: Sendable, Hashable {
  /// Time without a byte from the client after which the server pings it. Default: two hours, as in other gRPC servers.
  public var interval = Duration.seconds(2 * 3600)

  /// How long the answer may take before the connection counts as dead. Default: 20 seconds.
  public var timeout = Duration.seconds(20)

  /// The least time between a client's own pings. Default: five minutes. A client that pings more often for the third time gets a
  /// GOAWAY with `ENHANCE_YOUR_CALM` and `too_many_pings`. What the server sends allows a ping at any time.
  public var minimumClientInterval = Duration.seconds(5 * 60)

  /// Whether a client may ping while it has no call. Default: no, so at most every two hours.
  public var allowsPingsWithoutCalls = false

  /// The defaults.
  public init() {}
}
