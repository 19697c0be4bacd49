public import GRPCCore

/// The bytes of one message, kept together with the five bytes that stand before it on the wire.
///
/// Room for the prefix is part of the allocation, so a serialized message is sent as it lies, without being copied behind a
/// prefix first. The layout is the *Length-Prefixed-Message* of
/// [gRPC over HTTP/2](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md): a flag, the length in four bytes with the
/// most significant first, the message.
public struct MessageBytes: GRPCContiguousBytes, Sendable, Hashable {
  /// Bytes before each message.
  static let prefixLength = 5

  /// Prefix and message, as on the wire.
  var framed: [UInt8]

  /// Takes over what was received: prefix and message.
  init(framed: [UInt8]) {
    self.framed = framed
  }

  /// A message of `count` equal bytes.
  public init(repeating byte: UInt8, count: Int) {
    precondition(count <= Int(UInt32.max), "a gRPC message cannot be longer than 4 GiB")
    framed = [UInt8](unsafeUninitializedCapacity: count + Self.prefixLength) { buffer, initialized in
      buffer.initialize(repeating: byte)
      initialized = count + Self.prefixLength
    }
    writePrefix(isCompressed: false)
  }

  /// A message of the bytes of a sequence.
  public init<Bytes: Sequence>(_ sequence: Bytes) where Bytes.Element == UInt8 {
    framed = []
    framed.reserveCapacity(sequence.underestimatedCount + Self.prefixLength)
    for _ in 0..<Self.prefixLength { framed.append(0) }
    framed.append(contentsOf: sequence)
    precondition(count <= Int(UInt32.max), "a gRPC message cannot be longer than 4 GiB")
    writePrefix(isCompressed: false)
  }

  /// Bytes of the message.
  public var count: Int { framed.count - Self.prefixLength }

  /// Whether the message is compressed with what `grpc-encoding` names.
  var isCompressed: Bool { framed[0] != 0 }

  /// Writes flag and length into the room left for them.
  mutating func writePrefix(isCompressed: Bool) {
    let length = UInt32(count)
    framed[0] = isCompressed ? 1 : 0
    framed[1] = UInt8(truncatingIfNeeded: length >> 24)
    framed[2] = UInt8(truncatingIfNeeded: length >> 16)
    framed[3] = UInt8(truncatingIfNeeded: length >> 8)
    framed[4] = UInt8(truncatingIfNeeded: length)
  }

  /// Lends the message, without its prefix.
  public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try framed.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[Self.prefixLength...])) }
  }

  /// Lends the message for writing, without its prefix.
  public mutating func withUnsafeMutableBytes<R>(_ body: (UnsafeMutableRawBufferPointer) throws -> R) rethrows -> R {
    try framed.withUnsafeMutableBytes { try body(UnsafeMutableRawBufferPointer(rebasing: $0[Self.prefixLength...])) }
  }
}
