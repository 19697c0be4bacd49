/// What every replay begins with.
enum ReplayPreamble {
  /// Checks the magic and the Header.
  ///
  /// - Returns: where the records after the Header begin, and the library that wrote the file.
  /// - Throws: `ReplayError` if the file is another's, or ends before.
  static func check(_ input: ReplayInput, _ limits: ReplayReaderLimits) throws(ReplayError) -> (
    end: UInt64, library: String
  ) {
    let magic = ReplayFormat.magic
    let start = try input.read(at: 0, count: Int(min(UInt64(magic.count), input.size)))
    guard start.elementsEqual(magic.prefix(start.count)) else {
      throw ReplayError(.notAReplay, input.path, at: 0, "it does not begin as an MCAP file does")
    }
    guard start.count == magic.count else {
      throw ReplayError(.cutOff, input.path, at: input.size, "the file ends before its Header")
    }
    var scanner = RecordScanner(input, limits: limits, from: UInt64(magic.count), to: input.size)
    switch try scanner.place() {
    case .incomplete, .end: throw ReplayError(.cutOff, input.path, at: input.size, "the file ends before its Header")
    case .record(let record):
      guard record.is(.header), let end = record.end else {
        throw ReplayError(.damaged, input.path, at: record.offset, "the first record is not a Header")
      }
      var fields = try scanner.fields(of: record)
      let place = fields.offset
      let profile = try fields.string("profile")
      let library = try fields.string("library")
      guard profile == ReplayFormat.profile else {
        throw ReplayError(
          .notAReplay,
          input.path,
          at: place,
          "it is an MCAP file of profile \"\(profile)\"; a replay's is \"\(ReplayFormat.profile)\""
        )
      }
      guard fields.remaining == 0 else { throw fields.error("\(fields.remaining) bytes follow the Header's fields") }
      return (end, library)
    }
  }

  /// Checks a Channel record.
  ///
  /// - Throws: `ReplayError` if it is not as it should be, or gives a channel's number to another.
  static func checkChannel(_ fields: RecordFields) throws(ReplayError) {
    var fields = fields
    let number = try fields.integer(UInt16.self, "id")
    _ = try fields.integer(UInt16.self, "schema_id")
    let topic = try fields.string("topic")
    let encoding = try fields.string("message_encoding")
    _ = try fields.skip(try fields.integer(UInt32.self, "metadata"), "metadata")
    guard fields.remaining == 0 else { throw fields.error("\(fields.remaining) bytes follow the Channel's fields") }
    guard let channel = ReplayFormat.Channel(rawValue: number) else { return }
    guard topic == channel.topic, encoding == ReplayFormat.encoding else {
      throw fields.error(
        "channel \(number) is \(topic) in \(encoding); a replay's is \(channel.topic) in \(ReplayFormat.encoding)"
      )
    }
  }

  /// Checks a Schema record: what is in it does not matter, as messages are decoded by the schema of this version.
  ///
  /// - Throws: `ReplayError` if it is not as it should be.
  static func checkSchema(_ fields: RecordFields) throws(ReplayError) {
    var fields = fields
    _ = try fields.integer(UInt16.self, "id")
    _ = try fields.string("name")
    _ = try fields.string("encoding")
    _ = try fields.skip(try fields.integer(UInt32.self, "data"), "data")
    guard fields.remaining == 0 else { throw fields.error("\(fields.remaining) bytes follow the Schema's fields") }
  }

  /// Reads a Metadata record.
  ///
  /// - Throws: `ReplayError` if it is not as it should be.
  static func metadata(_ fields: RecordFields, _ limits: ReplayReaderLimits) throws(ReplayError) -> (
    name: String, values: [String: String]
  ) {
    var fields = fields
    let name = try fields.string("name")
    let values = try fields.map("metadata", mostEntries: limits.entries)
    guard fields.remaining == 0 else { throw fields.error("\(fields.remaining) bytes follow the Metadata's fields") }
    return (name, values)
  }
}
