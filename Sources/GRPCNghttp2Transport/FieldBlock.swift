internal import CNghttp2

/// Header fields on their way to libnghttp2.
struct FieldBlock {
  private struct Field {
    var nameStart: Int
    var valueStart: Int
    var end: Int
  }

  private var bytes: [UInt8] = []
  private var fields: [Field] = []

  /// Drops all fields and keeps the memory, unless it is much.
  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: bytes.capacity <= 4096)
    fields.removeAll(keepingCapacity: fields.capacity <= 64)
  }

  /// Adds a field.
  mutating func append(name: String, value: String) {
    let start = bytes.count
    bytes.append(contentsOf: name.utf8)
    let middle = bytes.count
    bytes.append(contentsOf: value.utf8)
    fields.append(Field(nameStart: start, valueStart: middle, end: bytes.count))
  }

  /// Adds a field whose value `body` appends.
  mutating func append(name: StaticString, _ body: (inout [UInt8]) -> Void) {
    let start = bytes.count
    name.withUTF8Buffer { bytes.append(contentsOf: $0) }
    let middle = bytes.count
    body(&bytes)
    fields.append(Field(nameStart: start, valueStart: middle, end: bytes.count))
  }

  /// Adds a field of constants.
  mutating func append(name: StaticString, value: StaticString) {
    append(name: name) { bytes in value.withUTF8Buffer { bytes.append(contentsOf: $0) } }
  }

  /// Lends the fields as libnghttp2 takes them; it copies what it keeps.
  mutating func withFields<R>(_ body: (UnsafePointer<nghttp2_nv>, Int) -> R) -> R {
    bytes.withUnsafeMutableBufferPointer { bytes in
      withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: max(fields.count, 1)) { pairs in
        // An empty block has no memory of its own, and none of its fields is looked at.
        guard let base = bytes.baseAddress, let first = UnsafePointer(pairs.baseAddress) else {
          return body(StaticFields.responseHead.baseAddress.unsafelyUnwrapped, 0)
        }
        for (index, field) in fields.enumerated() {
          pairs.initializeElement(
            at: index,
            to: nghttp2_nv(
              name: base + field.nameStart,
              value: base + field.valueStart,
              namelen: field.valueStart - field.nameStart,
              valuelen: field.end - field.valueStart,
              flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue)
            )
          )
        }
        return body(first, fields.count)
      }
    }
  }
}
