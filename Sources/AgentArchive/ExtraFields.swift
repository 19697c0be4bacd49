internal import CZlib

/// What a header adds about its entry: blocks of an id, a length and data (APPNOTE.TXT 4.5).
struct ExtraFields {
  private static let longNumbersID: UInt16 = 0x0001
  private static let unicodeNameID: UInt16 = 0x7075

  private let bytes: ZipBytes
  private let range: Range<Int>

  init(_ bytes: ZipBytes, _ range: Range<Int>) {
    self.bytes = bytes
    self.range = range
  }

  /// Sizes and offsets of 64 bits, taken one after the other.
  struct LongNumbers {
    let bytes: ZipBytes
    var range: Range<Int>

    /// The next of them where the short number is all ones, else the short number itself; nil where it is missing.
    mutating func next(instead short: UInt32) -> UInt64? {
      guard short == .max else { return UInt64(short) }
      guard range.count >= 8, let value = bytes.u64(range.lowerBound) else { return nil }
      range = (range.lowerBound + 8)..<range.upperBound
      return value
    }
  }

  /// The 64-bit numbers, none where there is no such block; nil where the blocks do not fit.
  func longNumbers() -> LongNumbers? {
    guard let range = block(Self.longNumbersID) else { return nil }
    return LongNumbers(bytes: bytes, range: range)
  }

  /// The name in UTF-8 that Info-ZIP adds, if it was added to this very name (APPNOTE.TXT 4.6.9).
  func unicodeName(for rawName: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard let range = block(Self.unicodeNameID), range.count > 5, bytes.bytes[range.lowerBound] == 1,
      let checksum = bytes.u32(range.lowerBound + 1),
      rawName.withUnsafeBufferPointer({ crc32(0, $0.baseAddress, uInt($0.count)) }) == uLong(checksum)
    else { return nil }
    return bytes.bytes[(range.lowerBound + 5)..<range.upperBound]
  }

  /// Where the data of the first block `id` is, an empty range where there is none, nil where the blocks do not fit.
  ///
  /// Fewer than four bytes at the end are padding, which aligning tools leave.
  private func block(_ id: UInt16) -> Range<Int>? {
    var offset = range.lowerBound
    while range.upperBound - offset >= 4 {
      guard let found = bytes.u16(offset), let length = bytes.u16(offset + 2),
        Int(length) <= range.upperBound - offset - 4
      else { return nil }
      let data = (offset + 4)..<(offset + 4 + Int(length))
      if found == id { return data }
      offset = data.upperBound
    }
    return range.upperBound..<range.upperBound
  }
}
