internal import AgentProtocol

/// What an agent has noted for itself in one step: the texts of its `note` frames, a line each, in memory of its own.
struct StepNote {
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: ProtocolLimits.noteBytes, alignment: 16)
  private var count = 0

  /// Whether nothing was noted.
  var isEmpty: Bool { count == 0 }

  /// The text, in UTF-8. Valid until the next change.
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer[..<count]) }

  /// Adds `text` as another line; what does not fit is cut off between two characters.
  ///
  /// - Returns: false, and nothing is added, if `text` is not UTF-8.
  mutating func append(_ text: UnsafeRawBufferPointer) -> Bool {
    guard (try? UTF8Span(validating: text.bindMemory(to: UInt8.self).span)) != nil else { return false }
    guard !text.isEmpty else { return true }
    let separator = isEmpty ? 0 : 1
    let room = buffer.count - count - separator
    guard room > 0 else { return true }
    var length = min(room, text.count)
    // A byte 10xxxxxx continues a character that began before it.
    while length > 0, length < text.count, text[length] & 0xC0 == 0x80 { length -= 1 }
    guard length > 0 else { return true }
    if separator == 1 { buffer[count] = UInt8(ascii: "\n") }
    UnsafeMutableRawBufferPointer(rebasing: buffer[(count + separator)...])
      .copyMemory(from: UnsafeRawBufferPointer(rebasing: text[..<length]))
    count += separator + length
    return true
  }

  /// Forgets what was noted.
  mutating func clear() { count = 0 }

  /// Frees the memory. The note must not be used any more.
  func deallocate() { buffer.deallocate() }
}
