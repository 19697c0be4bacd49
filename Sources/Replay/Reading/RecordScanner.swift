internal import AgentProtocol

/// Goes through a file's records by their headers. Only what is asked for is read.
struct RecordScanner {
  /// What stands at a place in the file.
  enum Place: Equatable {
    /// A record that lies wholly before the end.
    case record(RecordHeader)
    /// The beginning of a record, of which `missing` bytes more are needed.
    case incomplete(missing: UInt64)
    /// The end of what is there.
    case end
  }

  let input: ReplayInput
  let limits: ReplayReaderLimits
  /// Where the next record starts, in bytes.
  var position: UInt64
  /// Where the records end.
  var end: UInt64
  /// Part of the file, read ahead.
  private var window: [UInt8] = []
  private var windowStart: UInt64 = 0

  private static let windowSize = 16_384

  /// A scan of the records between `position` and `end`.
  init(_ input: ReplayInput, limits: ReplayReaderLimits, from position: UInt64, to end: UInt64) {
    self.input = input
    self.limits = limits
    self.position = position
    self.end = end
  }

  /// What stands at the scan's position, which stays.
  ///
  /// - Throws: `ReplayError` for a record of a kind that MCAP does not have, or one that is larger than the limits.
  mutating func place() throws(ReplayError) -> Place {
    guard position < end else { return .end }
    let here = end - position
    let opcode = try bytes(at: position, count: 1)[0]
    // Opcodes from 0x80 on are other programs' own.
    guard (0x01...0x0F).contains(opcode) || opcode >= 0x80 else {
      throw ReplayError(
        .damaged,
        input.path,
        at: position,
        "a record begins with \(Self.hexadecimal(opcode)), which is no kind of record that MCAP has"
      )
    }
    guard here >= UInt64(RecordHeader.size) else { return .incomplete(missing: UInt64(RecordHeader.size) - here) }
    let start = try bytes(at: position, count: RecordHeader.size)
    let length = start.span.bytes.integer(at: 1, as: UInt64.self)
    let header = RecordHeader(opcode: opcode, offset: position, length: length)
    guard length <= limits.recordBytes, let next = header.end else {
      throw ReplayError(
        .tooLarge,
        input.path,
        at: position,
        "a record says that it has \(length) bytes; at most \(limits.recordBytes) are read"
      )
    }
    return next <= end ? .record(header) : .incomplete(missing: next - end)
  }

  /// Goes on to what follows `header`'s record.
  mutating func skip(_ header: RecordHeader) { position = header.end ?? end }

  /// The content of a record that lies wholly before the end.
  ///
  /// - Throws: `ReplayError` if it cannot be read.
  mutating func content(of header: RecordHeader) throws(ReplayError) -> [UInt8] {
    try bytes(at: header.content, count: Int(header.length))
  }

  /// The fields of a record that lies wholly before the end.
  ///
  /// - Throws: `ReplayError` if it cannot be read.
  mutating func fields(of header: RecordHeader) throws(ReplayError) -> RecordFields {
    RecordFields(try content(of: header), origin: header.content, path: input.path)
  }

  /// Bytes before the end; few ones come out of the window.
  private mutating func bytes(at offset: UInt64, count: Int) throws(ReplayError) -> [UInt8] {
    if count > Self.windowSize { return try input.read(at: offset, count: count) }
    if offset < windowStart || offset + UInt64(count) > windowStart + UInt64(window.count) {
      windowStart = offset
      window = try input.read(at: offset, count: Int(min(UInt64(Self.windowSize), end - offset)))
    }
    let start = Int(offset - windowStart)
    return Array(window[start..<start + count])
  }

  /// A byte as people write it.
  static func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0x0" : "0x") + String(byte, radix: 16, uppercase: true)
  }
}
