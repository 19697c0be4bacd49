/// How long connections last.
public struct ConnectionRules: Sendable, Hashable {
  /// How long a client may take from connecting to its HTTP/2 settings, TLS included. Default: 10 seconds.
  public var setupTimeout = Duration.seconds(10)

  /// How long a connection may stay without a call. Default: for ever.
  public var maxIdle: Duration?

  /// The age at which a connection is drained, give or take a tenth. Default: none. New calls are refused then, and calls in
  /// flight go on: see `maxAgeGrace`.
  public var maxAge: Duration?

  /// How long calls in flight may go on once a connection is too old. Default: until they end.
  public var maxAgeGrace: Duration?

  /// How long calls in flight may go on once the server shuts down; then they end with `UNAVAILABLE` and a hint to try again.
  /// Default: until they end.
  public var drainTimeout: Duration?

  /// What calls that are ended by `drainTimeout` or `maxAgeGrace` tell their clients to wait before they try again. Default: one
  /// second. Sent as `grpc-retry-pushback-ms`.
  public var retryPushback = Duration.seconds(1)

  /// How long a client may take to answer the ping that goes with the announced end, or to set up HTTP/2 once the server shuts
  /// down.
  var announcement = Duration.seconds(5)

  /// The defaults.
  public init() {}
}
