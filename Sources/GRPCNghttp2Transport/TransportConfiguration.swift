/// How a `Nghttp2ServerTransport` behaves.
public struct TransportConfiguration: Sendable, Hashable {
  /// Sizes of messages.
  public var messages = MessageLimits()

  /// What HTTP/2 allows a client.
  public var http2 = HTTP2Limits()

  /// Pings.
  public var keepalive = KeepaliveRules()

  /// How long connections last.
  public var connections = ConnectionRules()

  /// Where handlers run. Default: on the event loop.
  public var execution = RPCExecution.eventLoop

  /// The defaults.
  public init() {}
}
