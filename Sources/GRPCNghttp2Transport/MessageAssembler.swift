/// Cuts a request's bytes into messages.
struct MessageAssembler {
  /// Why the bytes are no messages that may be received.
  enum Problem: Error, Equatable {
    /// A message announces more bytes than are allowed.
    case tooLong(announced: Int)
    /// The flag before a message is neither 0 nor 1.
    case badFlag(UInt8)
  }

  /// The beginning of a message, with its prefix.
  private var partial: [UInt8] = []
  /// Bytes of prefix and message, or of the prefix alone while the length is unknown.
  private var needed = MessageBytes.prefixLength

  /// Bytes held of a message that is not complete.
  var heldBytes: Int { partial.count }

  /// Whether a message has begun and is not complete.
  var isWithinMessage: Bool { !partial.isEmpty }

  /// Bytes of the message that has begun, its prefix included; `nil` while its prefix is incomplete.
  var announcedBytes: Int? { partial.count >= MessageBytes.prefixLength ? needed : nil }

  /// Takes bytes off the front of `bytes` and returns a message once it is complete.
  ///
  /// - Parameter limit: The most bytes that a message may have, checked before any of it is kept.
  /// - Returns: A message; `nil` when `bytes` is used up.
  mutating func next(from bytes: inout UnsafeRawBufferPointer, limit: Int) throws(Problem) -> MessageBytes? {
    if partial.isEmpty, bytes.count >= MessageBytes.prefixLength {
      // The common case: the message lies in this chunk as a whole and is copied once.
      let length = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 1, as: UInt32.self))
      let total = try Self.total(flag: bytes[0], length: length, limit: limit)
      if bytes.count >= total {
        let message = MessageBytes(framed: [UInt8](UnsafeRawBufferPointer(rebasing: bytes[..<total])))
        bytes = UnsafeRawBufferPointer(rebasing: bytes[total...])
        return message
      }
    }
    while !bytes.isEmpty {
      let count = min(needed - partial.count, bytes.count)
      partial.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
      bytes = UnsafeRawBufferPointer(rebasing: bytes[count...])
      guard partial.count == needed else { return nil }
      if needed == MessageBytes.prefixLength {
        let length = partial[1...].reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
        let total = try Self.total(flag: partial[0], length: length, limit: limit)
        // Room for all of it only when that is little: an announcement is no reason to allocate.
        partial.reserveCapacity(min(total, 16384))
        needed = total
        guard total == MessageBytes.prefixLength else { continue }
      }
      defer { reset() }
      return MessageBytes(framed: partial)
    }
    return nil
  }

  /// Forgets a message that has begun.
  mutating func reset() {
    partial = []
    needed = MessageBytes.prefixLength
  }

  private static func total(flag: UInt8, length: UInt32, limit: Int) throws(Problem) -> Int {
    guard flag <= 1 else { throw .badFlag(flag) }
    guard Int(length) <= limit else { throw .tooLong(announced: Int(length)) }
    return Int(length) + MessageBytes.prefixLength
  }
}
