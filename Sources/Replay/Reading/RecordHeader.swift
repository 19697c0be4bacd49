/// A record's first nine bytes, and where it lies.
struct RecordHeader: Equatable {
  /// Bytes of an opcode and a length.
  static let size = 9

  /// The kind of record, which may be one that replays do not have.
  var opcode: UInt8
  /// Where the record starts in the file, in bytes.
  var offset: UInt64
  /// Bytes of its content.
  var length: UInt64

  /// Where its content starts in the file.
  var content: UInt64 { offset + UInt64(Self.size) }

  /// Where the next record starts; nil where no file is that large.
  var end: UInt64? {
    let (end, overflow) = content.addingReportingOverflow(length)
    return overflow || end > UInt64(Int64.max) ? nil : end
  }

  /// Whether it is of this kind.
  func `is`(_ opcode: ReplayFormat.Opcode) -> Bool { self.opcode == opcode.rawValue }
}
