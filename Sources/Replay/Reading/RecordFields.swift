internal import AgentProtocol

/// The fields of one record, read one after the other. Source: <https://mcap.dev/spec#serialization>.
struct RecordFields {
  private let bytes: [UInt8]
  private let end: Int
  private(set) var position: Int
  private let path: String
  /// Where the first of the bytes lies in the file.
  private let origin: UInt64

  /// The fields in `range` of `bytes`, the first of which lies at `origin` in the file at `path`.
  init(_ bytes: [UInt8], _ range: Range<Int>? = nil, origin: UInt64, path: String) {
    self.bytes = bytes
    position = range?.lowerBound ?? 0
    end = range?.upperBound ?? bytes.count
    self.origin = origin
    self.path = path
  }

  /// Bytes that have not been read.
  var remaining: Int { end - position }

  /// Where the next field lies in the file.
  var offset: UInt64 { origin + UInt64(position) }

  /// An error about the next field.
  func error(_ problem: String) -> ReplayError { ReplayError(.damaged, path, at: offset, problem) }

  /// The next integer.
  ///
  /// - Throws: `ReplayError` if the record ends before.
  mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type,
    _ name: StaticString
  ) throws(ReplayError) -> Value {
    let size = MemoryLayout<Value>.size
    guard remaining >= size else { throw error("the record ends before its field \(name), which takes \(size) bytes") }
    defer { position += size }
    return bytes.span.bytes.integer(at: position, as: type)
  }

  /// The next `count` bytes, as their range.
  ///
  /// - Throws: `ReplayError` if the record ends before.
  mutating func skip(_ count: some BinaryInteger, _ name: StaticString) throws(ReplayError) -> Range<Int> {
    guard let count = Int(exactly: count), count >= 0, count <= remaining else {
      throw error("the field \(name) has \(count) bytes, the record only \(remaining) more")
    }
    defer { position += count }
    return position..<position + count
  }

  /// The next string, whose length stands before it.
  ///
  /// - Throws: `ReplayError` if the record ends before, or it is not UTF-8.
  mutating func string(_ name: StaticString) throws(ReplayError) -> String {
    let start = self
    let range = try skip(try integer(UInt32.self, name), name)
    guard let text = String(validating: bytes[range], as: UTF8.self) else {
      throw start.error("the field \(name) is not UTF-8")
    }
    return text
  }

  /// The next map of strings, whose length stands before it.
  ///
  /// - Parameter mostEntries: an empty entry takes eight bytes in the file, but far more in memory.
  /// - Throws: `ReplayError` if the record ends before, a string is not UTF-8, a key is there twice, or there are more entries.
  mutating func map(_ name: StaticString, mostEntries: Int) throws(ReplayError) -> [String: String] {
    let range = try skip(try integer(UInt32.self, name), name)
    var fields = RecordFields(bytes, range, origin: origin, path: path)
    var map: [String: String] = [:]
    while fields.remaining > 0 {
      let start = fields
      let key = try fields.string(name)
      guard map.updateValue(try fields.string(name), forKey: key) == nil else {
        throw start.error("the field \(name) has the key \"\(key)\" twice")
      }
      guard map.count <= mostEntries else { throw start.error("the field \(name) has over \(mostEntries) entries") }
    }
    return map
  }
}
