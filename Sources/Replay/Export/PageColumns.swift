internal import AgentProtocol
internal import ArenaCore

/// Lays rows of bytes, one per frame, out by columns, as zlib likes them: the first bytes of one number in all frames, then its second
/// bytes, and so on. Numbers that change little from frame to frame are stored as differences.
///
/// `Page/columns.js` is the other direction.
enum PageColumns {
  /// Arrays longer than this are images and the like, whose neighbours resemble each other more than they resemble themselves a frame later:
  /// theirs go frame after frame instead of element after element.
  static let longArray = 32

  /// Equal numbers within a row.
  struct Run: Equatable {
    /// Bytes from the row's start.
    var offset: Int
    /// Bytes of a number: 1, 2, 4 or 8.
    var itemSize: Int
    /// How many there are.
    var count: Int
  }

  /// The numbers of a space, without what lies between its leaves.
  static func runs(of layout: SpaceLayout) -> [Run] {
    layout.leaves.map { leaf in
      let itemSize =
        switch leaf.space {
        case .discrete, .multiDiscrete: 8
        case .multiBinary, .text, .dict, .tuple: 1
        case .box(let box): box.dtype.itemSize
        }
      return Run(offset: leaf.offset, itemSize: itemSize, count: leaf.size / itemSize)
    }
  }

  /// Appends the columns of `run` over all rows.
  ///
  /// - Parameters:
  ///   - rows: rows of `rowSize` bytes each, one after another.
  ///   - areDifferences: whether a number is stored as its difference, modulo its size, from that of the frame before; the first from 0.
  static func append(
    _ run: Run,
    of rows: [UInt8],
    rowSize: Int,
    areDifferences: Bool,
    to columns: inout [UInt8]
  ) {
    switch run.itemSize {
    case 8: append(run, of: rows, rowSize, areDifferences, UInt64.self, &columns)
    case 4: append(run, of: rows, rowSize, areDifferences, UInt32.self, &columns)
    case 2: append(run, of: rows, rowSize, areDifferences, UInt16.self, &columns)
    default: append(run, of: rows, rowSize, areDifferences, UInt8.self, &columns)
    }
  }

  private static func append<Word: FixedWidthInteger & UnsignedInteger>(
    _ run: Run,
    of rows: [UInt8],
    _ rowSize: Int,
    _ areDifferences: Bool,
    _: Word.Type,
    _ columns: inout [UInt8]
  ) {
    let frames = rows.count / rowSize
    let start = columns.count
    let size = MemoryLayout<Word>.size
    columns.append(contentsOf: repeatElement(0, count: frames * run.count * size))
    let plane = frames * run.count
    let (itemStride, frameStride) = run.count > longArray ? (1, run.count) : (frames, 1)
    rows.withUnsafeBytes { rows in
      columns.withUnsafeMutableBytes { columns in
        for item in 0..<run.count {
          var previous: Word = 0
          var place = start + item * itemStride
          var offset = run.offset + item * size
          for _ in 0..<frames {
            let word = Word(littleEndian: rows.loadUnaligned(fromByteOffset: offset, as: Word.self))
            var rest = areDifferences ? word &- previous : word
            previous = word
            var byte = place
            for _ in 0..<size {
              columns[byte] = UInt8(truncatingIfNeeded: rest)
              rest = size == 1 ? 0 : rest >> 8
              byte += plane
            }
            place += frameStride
            offset += rowSize
          }
        }
      }
    }
  }
}
