/// Strings that header fields of one connection were made into.
///
/// A client sends the same names and the same `user-agent` with every call; they are made into strings once.
struct FieldCache {
  private static let size = 16
  /// Longer strings are not kept, and shorter ones need no allocation.
  private static let lengths = 16...64

  private var strings: [String] = Array(repeating: "", count: size)

  /// The string with these bytes.
  mutating func string(of bytes: UnsafeRawBufferPointer) -> String {
    guard Self.lengths.contains(bytes.count) else { return String(decoding: bytes, as: UTF8.self) }
    let index = Int(bytes[0] ^ bytes[bytes.count / 2] ^ bytes[bytes.count - 1]) % Self.size
    let isKnown = strings[index].utf8.withContiguousStorageIfAvailable { $0.elementsEqual(bytes) }
    if isKnown != true { strings[index] = String(decoding: bytes, as: UTF8.self) }
    return strings[index]
  }
}
