/// The records between a replay's Header and its summary.
enum DataRecord: UInt8 {
  case schema = 0x03
  case channel = 0x04
  case chunk = 0x06
  /// Other writers put them behind chunks; this one leaves them out.
  case messageIndex = 0x07
  case metadata = 0x0C
  case dataEnd = 0x0F

  /// The record with this opcode; nil if data have no such.
  init?(_ opcode: UInt8) { self.init(rawValue: opcode) }

  /// The error about a record that data have none of.
  ///
  /// - Parameters:
  ///   - record: the record.
  ///   - path: its file.
  static func misplaced(_ record: RecordHeader, in path: String) -> ReplayError {
    let kind = RecordScanner.hexadecimal(record.opcode)
    return ReplayError(
      .damaged,
      path,
      at: record.offset,
      "a record of kind \(kind) stands where a replay's data have none"
    )
  }

  /// Checks that a record is a Message Index, so that nothing else whose opcode is damaged passes for one.
  ///
  /// - Throws: `ReplayError` if it is not.
  static func checkMessageIndex(_ record: RecordFields) throws(ReplayError) {
    var fields = record
    _ = try fields.integer(UInt16.self, "channel_id")
    _ = try fields.skip(try fields.integer(UInt32.self, "records"), "records")
    guard fields.remaining == 0 else { throw record.error("the record's length is not that of a Message Index") }
  }
}
