/// What HTTP/2 allows a client.
public struct HTTP2Limits: Sendable, Hashable {
  /// Calls at a time on a connection. Default: 4096. Clients that know have further ones wait; others are refused.
  public var maxConcurrentStreams = 4096

  /// Bytes that a client may send on a stream before the handler has read them. Default: 65,535, HTTP/2's own.
  public var streamWindow = 65_535

  /// Bytes that a client may send on a connection before they have arrived. Default: 1 MiB.
  public var connectionWindow = 1 << 20

  /// The largest frame, in bytes: 16,384…16,777,215. Default: 16,384.
  public var maxFrameSize = 16_384

  /// The largest header list of a request, in bytes, counted as HTTP/2 does. Default: 16 KiB.
  public var maxHeaderListSize = 16 << 10

  /// CONTINUATION frames in a header block. Default: 8.
  public var maxContinuations = 8

  /// Streams that a client may reset at once. Default: 4096, all that it may have open.
  public var resetBurst = 4096

  /// Streams that a client may reset per second in the long run. Default: 100.
  public var resetsPerSecond = 100

  /// Answers to pings and settings waiting to be sent. Default: 200.
  public var maxUnsentAnswers = 200

  /// The defaults.
  public init() {}
}
