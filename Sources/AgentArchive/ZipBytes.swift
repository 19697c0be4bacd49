/// An archive's bytes, read at any place without leaving them.
struct ZipBytes: Sendable {
  let bytes: [UInt8]

  var count: Int { bytes.count }

  /// The little-endian number of `Value`'s width at `offset`; nil where that is not all within the bytes.
  private func number<Value: FixedWidthInteger>(_ offset: Int, _: Value.Type) -> Value? {
    let width = Value.bitWidth / 8
    guard offset >= 0, bytes.count >= width, offset <= bytes.count - width else { return nil }
    var value: Value = 0
    for index in (0..<width).reversed() { value = value << 8 | Value(truncatingIfNeeded: bytes[offset + index]) }
    return value
  }

  func u16(_ offset: Int) -> UInt16? { number(offset, UInt16.self) }
  func u32(_ offset: Int) -> UInt32? { number(offset, UInt32.self) }
  func u64(_ offset: Int) -> UInt64? { number(offset, UInt64.self) }

  /// The bytes of `range`; nil where they are not all there.
  func slice(_ offset: Int, _ length: Int) -> ArraySlice<UInt8>? {
    guard offset >= 0, length >= 0, length <= bytes.count, offset <= bytes.count - length else { return nil }
    return bytes[offset..<(offset + length)]
  }
}
