/// The 16 bytes before every payload, little-endian: `docs/PROTOCOL.md` section 2.
public struct FrameHeader: Equatable, Sendable {
  /// Bytes that a header takes.
  public static let size = 16

  /// Bytes in the payload.
  public var length: UInt32
  /// What the payload is.
  public var kind: FrameKind
  /// 0 except for errors.
  public var flags: UInt8
  /// Which observation or game the frame belongs to.
  public var sequence: UInt64

  /// A header.
  @inlinable
  public init(length: UInt32, kind: FrameKind, flags: UInt8 = 0, sequence: UInt64 = 0) {
    self.length = length
    self.kind = kind
    self.flags = flags
    self.sequence = sequence
  }

  /// Reads the header of a frame that an agent sent.
  ///
  /// - Parameters:
  ///   - bytes: at least `size` bytes.
  ///   - maxPayload: the largest payload allowed, in bytes.
  /// - Throws: `ProtocolViolation` for a header that no agent may send.
  public init(fromAgent bytes: RawSpan, maxPayload: Int) throws(ProtocolViolation) {
    let length = bytes.integer(at: 0, as: UInt32.self)
    let kindByte = bytes.integer(at: 4, as: UInt8.self)
    let flags = bytes.integer(at: 5, as: UInt8.self)
    guard bytes.integer(at: 6, as: UInt16.self) == 0 else { throw .badReserved }
    guard let kind = FrameKind(rawValue: kindByte) else { throw .unknownKind(kindByte) }
    guard kind.isSentByAgent else { throw .wrongDirection(kind) }
    guard kind == .error ? AgentErrorKind(rawValue: flags) != nil : flags == 0 else { throw .badFlags(kind, flags) }
    let limit = kind == .note ? min(maxPayload, ProtocolLimits.noteBytes) : maxPayload
    guard Int(length) <= limit else { throw .oversized(kind, length: Int(length), limit: limit) }
    self.init(length: length, kind: kind, flags: flags, sequence: bytes.integer(at: 8, as: UInt64.self))
  }

  /// The first eight bytes, everything but the sequence, as a little-endian integer: frames of one kind and length share it.
  @inlinable public var firstWord: UInt64 { UInt64(length) | UInt64(kind.rawValue) << 32 | UInt64(flags) << 40 }

  /// Writes the header to the first 16 bytes of `bytes`.
  public func write(to bytes: inout MutableRawSpan) {
    bytes.store(firstWord, at: 0)
    bytes.store(sequence, at: 8)
  }
}
