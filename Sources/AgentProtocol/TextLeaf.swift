/// The bytes of a `Text` leaf: their number, then UTF-8, then zeros.
enum TextLeaf {
  /// The string in `bytes`; nil if they hold none.
  static func string(in bytes: RawSpan) -> String? {
    let length = Int(bytes.integer(at: 0, as: UInt32.self))
    guard length <= bytes.byteCount - 4 else { return nil }
    var utf8: [UInt8] = []
    utf8.reserveCapacity(length)
    for index in 0..<length { utf8.append(bytes.integer(at: 4 + index, as: UInt8.self)) }
    return String(validating: utf8, as: UTF8.self)
  }

  /// Writes `string`, which fits, into the leaf of `size` bytes at `offset`.
  static func write(_ string: String, into bytes: inout MutableRawSpan, at offset: Int, size: Int) {
    bytes.store(UInt32(string.utf8.count), at: offset)
    var index = offset + 4
    for byte in string.utf8 {
      bytes.store(byte, at: index)
      index += 1
    }
    while index < offset + size {
      bytes.store(UInt8(0), at: index)
      index += 1
    }
  }

  /// What is wrong with the text in `bytes`, as the end of a sentence; nil if it lies within the space.
  static func problem(with bytes: RawSpan, minLength: Int, maxLength: Int, charset: String?) -> String? {
    guard let string = string(in: bytes) else { return "is not UTF-8 of the length that it states" }
    return problem(with: string, minLength: minLength, maxLength: maxLength, charset: charset)
  }

  /// What is wrong with `string`, as the end of a sentence; nil if it lies within the space.
  static func problem(with string: String, minLength: Int, maxLength: Int, charset: String?) -> String? {
    let scalars = string.unicodeScalars
    guard (minLength...maxLength).contains(scalars.count) else {
      return "has \(scalars.count) characters; \(minLength)…\(maxLength) are allowed"
    }
    guard let charset else { return nil }
    let allowed = Set(charset.unicodeScalars)
    guard let stranger = scalars.first(where: { !allowed.contains($0) }) else { return nil }
    return "holds the character \"\(stranger)\", which is not allowed"
  }
}
