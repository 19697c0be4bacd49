/// How a large file is cut into parts: all of one size but the last.
public struct PartLayout: Equatable, Sendable {
  /// The file's size in bytes.
  public let size: Int
  /// Bytes of every part but the last.
  public let partBytes: Int

  /// Parts that S3 takes at most.
  static let mostParts = 10_000
  /// The least that S3 takes for a part that is not the last, and the most for any.
  static let allowedPartBytes = 5 << 20...5 << 30
  /// Bytes of a part where the file is not too large for that.
  static let standardPartBytes = 8 << 20
  /// Files up to this size go in one piece.
  static let largestSinglePut = 16 << 20
  /// The largest object that S3 takes: 5 TiB.
  static let largestObject = 5 << 40

  /// Parts of `partBytes`, more than 0.
  init(size: Int, partBytes: Int) {
    precondition(partBytes > 0)
    self.size = size
    self.partBytes = partBytes
  }

  /// Parts of 8 MiB, or of as many MiB more as it takes to stay within 10,000 parts.
  init(size: Int) {
    let least = (size + Self.mostParts - 1) / Self.mostParts
    self.init(size: size, partBytes: max(Self.standardPartBytes, ((least + (1 << 20) - 1) >> 20) << 20))
  }

  /// How many parts there are: at least one.
  public var count: Int { max(1, (size + partBytes - 1) / partBytes) }

  /// The bytes of part `number`, counted from 1.
  func range(_ number: Int) -> Range<Int> {
    let start = (number - 1) * partBytes
    return start..<min(size, start + partBytes)
  }
}
