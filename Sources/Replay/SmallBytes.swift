import Glibc

/// Copying and comparing few bytes in place, word by word: the way to memcpy and memcmp is longer than their work, and leads over other
/// pages of memory.
enum SmallBytes {
  /// The most bytes that are handled in place.
  private static let limit = 64

  /// Copies `count` bytes that do not overlap.
  @inline(__always)
  static func copy(_ source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer, count: Int) {
    guard count <= limit, count % 8 == 0 else { return destination.copyMemory(from: source, byteCount: count) }
    var offset = 0
    while offset < count {
      let word = source.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      destination.storeBytes(of: word, toByteOffset: offset, as: UInt64.self)
      offset += 8
    }
  }

  /// Whether `count` bytes at both places are the same.
  @inline(__always)
  static func areEqual(_ first: UnsafeRawPointer, _ second: UnsafeRawPointer, count: Int) -> Bool {
    guard count <= limit, count % 8 == 0 else { return memcmp(first, second, count) == 0 }
    var difference: UInt64 = 0
    var offset = 0
    while offset < count {
      difference |=
        first.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        ^ second.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      offset += 8
    }
    return difference == 0
  }
}
