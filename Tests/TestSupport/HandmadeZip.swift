internal import CZlib

/// Writes zip archives that no tool writes: every field can be made to lie.
public struct HandmadeZip {
  /// One entry. What is nil is written as it should be.
  public struct Entry: Sendable {
    /// Its name, in both headers.
    public var name: [UInt8]
    /// Its data as it is kept.
    public var data: [UInt8]
    /// 0 stored, 8 deflated.
    public var method: UInt16 = 0
    /// General purpose bits.
    public var flags: UInt16 = 0
    /// The system it was made on, in the upper byte.
    public var madeBy: UInt16 = 3 << 8
    /// The Unix mode with the file's type.
    public var mode: UInt32 = 0o100_644
    /// All attributes, instead of the mode.
    public var attributes: UInt32?
    /// CRC-32.
    public var checksum: UInt32?
    /// Bytes inflated.
    public var size: UInt32?
    /// Bytes as it is kept.
    public var compressedSize: UInt32?
    /// The disk it lies on.
    public var disk: UInt16 = 0
    /// Extra fields in the table.
    public var extra: [UInt8] = []
    /// Extra fields in front of the data.
    public var localExtra: [UInt8] = []
    /// The name in front of the data.
    public var localName: [UInt8]?
    /// The method in front of the data.
    public var localMethod: UInt16?
    /// The flags in front of the data.
    public var localFlags: UInt16?
    /// The checksum in front of the data.
    public var localChecksum: UInt32?
    /// The size in front of the data.
    public var localSize: UInt32?
    /// The compressed size in front of the data.
    public var localCompressedSize: UInt32?
    /// Where the table says that it is.
    public var offset: UInt32?
    /// Bytes behind the data.
    public var descriptor: [UInt8] = []
    /// Whether a header and data are written for it.
    public var isWritten = true

    /// An entry with this text.
    public init(_ name: String, _ data: String = "x = 1\n", _ change: (inout Entry) -> Void = { _ in }) {
      self.name = Array(name.utf8)
      self.data = Array(data.utf8)
      change(&self)
    }
  }

  /// Its entries.
  public var entries: [Entry]
  /// Bytes in front of the first entry, which offsets count.
  public var prefix: [UInt8] = []
  /// The comment at the end.
  public var comment: [UInt8] = []
  /// How many entries the end says there are.
  public var count: UInt16?
  /// How many of them are on this disk.
  public var countOnDisk: UInt16?
  /// The disk it lies on.
  public var disk: UInt16 = 0
  /// Where the end says that the table is.
  public var tableOffset: UInt32?
  /// How long the end says that the table is.
  public var tableSize: UInt32?
  /// Bytes between the table of contents and the end record, made from where they stand and where the table is.
  public var beforeEnd: (_ here: Int, _ table: Range<Int>) -> [UInt8] = { _, _ in [] }

  /// An archive of `entries`.
  public init(_ entries: Entry...) { self.entries = entries }
  /// An archive of `entries`.
  public init(_ entries: [Entry]) { self.entries = entries }

  /// `number` as it is written: little-endian.
  public static func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
  }

  /// CRC-32 as in ISO 3309.
  public static func crc32(_ bytes: [UInt8]) -> UInt32 { UInt32(CZlib.crc32(0, bytes, uInt(bytes.count))) }

  /// The archive.
  public var bytes: [UInt8] {
    var result = prefix
    var table: [UInt8] = []
    for entry in entries {
      let offset = UInt32(result.count)
      let checksum = entry.checksum ?? Self.crc32(entry.data)
      let size = entry.size ?? UInt32(entry.data.count)
      let compressedSize = entry.compressedSize ?? UInt32(entry.data.count)
      if entry.isWritten {
        let name = entry.localName ?? entry.name
        result += Self.bytes(0x0403_4b50 as UInt32) + Self.bytes(20 as UInt16)
        result += Self.bytes(entry.localFlags ?? entry.flags) + Self.bytes(entry.localMethod ?? entry.method)
        result += Self.bytes(0x5A21_0000 as UInt32) + Self.bytes(entry.localChecksum ?? checksum)
        result += Self.bytes(entry.localCompressedSize ?? compressedSize) + Self.bytes(entry.localSize ?? size)
        result += Self.bytes(UInt16(name.count)) + Self.bytes(UInt16(entry.localExtra.count))
        result += name + entry.localExtra + entry.data + entry.descriptor
      }
      table += Self.bytes(0x0201_4b50 as UInt32) + Self.bytes(entry.madeBy) + Self.bytes(20 as UInt16)
      table += Self.bytes(entry.flags) + Self.bytes(entry.method) + Self.bytes(0x5A21_0000 as UInt32)
      table += Self.bytes(checksum) + Self.bytes(compressedSize) + Self.bytes(size)
      table += Self.bytes(UInt16(entry.name.count)) + Self.bytes(UInt16(entry.extra.count)) + Self.bytes(0 as UInt16)
      table += Self.bytes(entry.disk) + Self.bytes(0 as UInt16) + Self.bytes(entry.attributes ?? entry.mode << 16)
      table += Self.bytes(entry.offset ?? offset) + entry.name + entry.extra
    }
    let start = result.count
    result += table
    result += beforeEnd(result.count, start..<result.count)
    result += Self.bytes(0x0605_4b50 as UInt32) + Self.bytes(disk) + Self.bytes(disk)
    result += Self.bytes(countOnDisk ?? count ?? UInt16(entries.count)) + Self.bytes(count ?? UInt16(entries.count))
    result += Self.bytes(tableSize ?? UInt32(table.count)) + Self.bytes(tableOffset ?? UInt32(start))
    return result + Self.bytes(UInt16(comment.count)) + comment
  }

  /// The end record for large archives and its locator, as they belong before the end record.
  public static func longEnd(
    _ here: Int,
    _ table: Range<Int>,
    entries: UInt64,
    offset: UInt64? = nil,
    size: UInt64? = nil,
    disks: UInt32 = 1
  ) -> [UInt8] {
    var result = bytes(0x0606_4b50 as UInt32) + bytes(44 as UInt64) + bytes(45 as UInt16) + bytes(45 as UInt16)
    result += bytes(0 as UInt32) + bytes(0 as UInt32) + bytes(entries) + bytes(entries)
    result += bytes(size ?? UInt64(table.count)) + bytes(offset ?? UInt64(table.lowerBound))
    result += bytes(0x0706_4b50 as UInt32) + bytes(0 as UInt32) + bytes(UInt64(here)) + bytes(disks)
    return result
  }
}
