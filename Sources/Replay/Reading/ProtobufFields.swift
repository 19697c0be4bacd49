/// Goes through the fields of a protobuf message without decoding them. Source: <https://protobuf.dev/programming-guides/encoding/>.
struct ProtobufFields {
  /// One field.
  struct Field {
    /// Its number.
    var number: UInt64
    /// Where its content lies, where it has a length.
    var content: Range<Int>?
  }

  private let bytes: [UInt8]
  private var position: Int
  private let end: Int
  /// Whether the bytes end within a field.
  private(set) var isCut = false

  /// The fields in `range` of `bytes`.
  init(_ bytes: [UInt8], _ range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  /// The next field; nil at the end, and where a field is cut.
  mutating func next() -> Field? {
    guard position < end else { return nil }
    guard let tag = varint() else { return cut() }
    var field = Field(number: tag >> 3)
    switch tag & 7 {
    case 0: if varint() == nil { return cut() }
    case 1: position += 8
    case 2:
      guard let length = varint(), length <= UInt64(end - position) else { return cut() }
      field.content = position..<position + Int(length)
      position += Int(length)
    case 5: position += 4
    case 3, 4: break  // The fields of a group follow as if they were the message's own.
    default: return cut()
    }
    return position <= end ? field : cut()
  }

  private mutating func cut() -> Field? {
    isCut = true
    return nil
  }

  private mutating func varint() -> UInt64? {
    var value: UInt64 = 0
    var shift = 0
    while position < end, shift < 64 {
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7F) << UInt64(shift)
      if byte < 0x80 { return value }
      shift += 7
    }
    return nil
  }

  /// Entries of all lists in a message together, as few as need counting: one that is empty takes two bytes in the file, but over a
  /// hundred in memory. Nil where a field is cut.
  static func entries(_ bytes: [UInt8], _ range: Range<Int>, of channel: ReplayFormat.Channel) -> Int? {
    var entries = 0
    var fields = ProtobufFields(bytes, range)
    while let field = fields.next() {
      switch (channel, field.number, field.content) {
      case (.frames, 5, _), (.frames, 6, _): entries += 1
      case (.games, 1, let content?), (.games, 2, let content?):
        var inner = ProtobufFields(bytes, content)
        while let part = inner.next() {
          // Agents and outcomes are packed into one field, in at least a byte each; so are scores, in eight.
          let isScores = field.number == 2 && part.number == 3
          let isPacked = isScores || part.number == (field.number == 1 ? 3 : 2)
          entries += isPacked ? max(1, (part.content?.count ?? 0) / (isScores ? 8 : 1)) : 1
        }
        if inner.isCut { return nil }
      default: break
      }
    }
    return fields.isCut ? nil : entries
  }
}
