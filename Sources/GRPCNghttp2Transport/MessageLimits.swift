/// How large messages may be, and what waits for whom.
public struct MessageLimits: Sendable, Hashable {
  /// The most bytes in a message from a client, also once it is decompressed. Default: 4 MiB. A longer one ends its call with
  /// `RESOURCE_EXHAUSTED` as soon as its length is seen.
  public var maxRequestBytes = 4 << 20

  /// Bytes of a call waiting to be sent from which its handler has to wait. Default: 64 KiB.
  public var maxUnsentBytes = 64 << 10

  /// Bytes of long messages that a connection collects at once; further ones wait. Default: 16 MiB. A message is long if it does
  /// not fit half a stream's window. One at a time is always collected.
  public var maxReservedBytes = 16 << 20

  /// Whether messages of 1 KiB and more are compressed with gzip for clients that take it. Default: no.
  public var compressesResponses = false

  /// The defaults.
  public init() {}
}
