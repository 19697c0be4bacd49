/// Reads an archive's table of contents and holds every entry's own header against it.
///
/// Stricter than the format: a reader that believes one of two contradicting statements can be made to see another
/// archive than the next reader. Source: PKWARE's APPNOTE.TXT 6.3.10.
struct ZipReader {
  let bytes: ZipBytes
  let limits: ArchiveLimits

  private static let endSignature: UInt32 = 0x0605_4b50
  private static let end64Signature: UInt32 = 0x0606_4b50
  private static let locatorSignature: UInt32 = 0x0706_4b50
  private static let tableSignature: UInt32 = 0x0201_4b50
  private static let endSize = 22
  private static let tableEntrySize = 46

  /// Where the table of contents is and how many entries it has.
  private struct Table {
    var offset: Int
    var size: Int
    var entries: Int
  }

  /// All entries, in the order of the table.
  func entries() throws(ArchiveError) -> [ZipEntry] {
    let table = try findTable()
    guard table.entries <= limits.entries else {
      throw ArchiveError(
        .tooLarge,
        "the archive has \(table.entries) entries; at most \(limits.files) files are allowed"
      )
    }
    var entries: [ZipEntry] = []
    entries.reserveCapacity(table.entries)
    var offset = table.offset
    var total = 0
    for number in 1...max(1, table.entries) where table.entries > 0 {
      let record = try TableRecord(bytes, at: offset, before: table.offset + table.size, number: number)
      offset = record.end
      let entry = try record.entry(bytes, tableOffset: table.offset, limits)
      // Neither can overflow: each is within the limit for a file.
      total += entry.size
      guard total <= limits.totalBytes else {
        throw ArchiveError(.tooLarge, "the archive holds more than \(ByteCount(limits.totalBytes)) of files")
      }
      entries.append(entry)
    }
    guard offset == table.offset + table.size else {
      throw ArchiveError(.damaged, "the archive's table of contents is longer than its entries")
    }
    guard total <= ArchiveLimits.unsuspiciousBytes || total / limits.ratio <= bytes.count else {
      throw ArchiveError(
        .tooLarge,
        "the archive of \(ByteCount(bytes.count)) would inflate to \(ByteCount(total)), more than "
          + "\(limits.ratio) times its size"
      )
    }
    try refuseOverlaps(entries)
    return entries
  }

  /// Every byte belongs to one entry at most: a bomb reuses the same data for thousands of files.
  private func refuseOverlaps(_ entries: [ZipEntry]) throws(ArchiveError) {
    let inOrder = entries.sorted {
      ($0.extent.lowerBound, $0.extent.upperBound) < ($1.extent.lowerBound, $1.extent.upperBound)
    }
    for (entry, next) in zip(inOrder, inOrder.dropFirst()) where entry.extent.upperBound > next.extent.lowerBound {
      throw ArchiveError(.damaged, entry: next.name, "shares its data with another entry")
    }
  }

  private func findTable() throws(ArchiveError) -> Table {
    guard let end = endOffset() else { throw noEnd() }
    guard let disk = bytes.u16(end + 4), let tableDisk = bytes.u16(end + 6), let onDisk = bytes.u16(end + 8),
      let count = bytes.u16(end + 10), let size = bytes.u32(end + 12), let offset = bytes.u32(end + 16)
    else { throw noEnd() }
    var table = Table(offset: Int(offset), size: Int(size), entries: Int(count))
    var tableEnd = end
    var isSplit = (disk != 0 && disk != .max) || (tableDisk != 0 && tableDisk != .max) || onDisk != count
    if bytes.u32(end - 20) == Self.locatorSignature {
      let long = try longTable(locator: end - 20)
      func agrees<Short: FixedWidthInteger>(_ short: Short, _ long: Int) -> Bool { short == .max || Int(short) == long }
      guard agrees(count, long.table.entries), agrees(size, long.table.size), agrees(offset, long.table.offset) else {
        throw ArchiveError(.damaged, "the archive's two end records contradict each other")
      }
      (table, tableEnd) = (long.table, long.offset)
      isSplit = isSplit || long.isSplit
    } else if count == .max || size == .max || offset == .max {
      throw ArchiveError(.damaged, "the archive lacks the end record for large archives that it refers to")
    }
    guard !isSplit else {
      throw ArchiveError(.unsupported, "the archive is one part of several; upload it as one file")
    }
    guard table.offset <= tableEnd, table.size == tableEnd - table.offset else {
      throw ArchiveError(
        .damaged,
        "the archive's table of contents is not where its end says; bytes were added or are missing"
      )
    }
    // Each takes at least this: a count that cannot be true is not believed.
    guard table.entries <= table.size / Self.tableEntrySize else {
      throw ArchiveError(.damaged, "the archive's table of contents is too short for \(table.entries) entries")
    }
    return table
  }

  /// The end record with 64-bit numbers, which the locator at `locator` points to.
  private func longTable(locator: Int) throws(ArchiveError) -> (table: Table, offset: Int, isSplit: Bool) {
    let damaged = ArchiveError(.damaged, "the archive's end record for large archives is damaged")
    guard let locatorDisk = bytes.u32(locator + 4), let disks = bytes.u32(locator + 16),
      let start = bytes.u64(locator + 8).flatMap({ Int(exactly: $0) }), start <= locator,
      bytes.u32(start) == Self.end64Signature,
      let length = bytes.u64(start + 4).flatMap({ Int(exactly: $0) }), length == locator - start - 12, length >= 44,
      let disk = bytes.u32(start + 16), let tableDisk = bytes.u32(start + 20),
      let onDisk = bytes.u64(start + 24), let count = bytes.u64(start + 32), let entries = Int(exactly: count),
      let size = bytes.u64(start + 40).flatMap({ Int(exactly: $0) }),
      let offset = bytes.u64(start + 48).flatMap({ Int(exactly: $0) })
    else { throw damaged }
    let isSplit = locatorDisk != 0 || disks > 1 || disk != 0 || tableDisk != 0 || onDisk != count
    return (Table(offset: offset, size: size, entries: entries), start, isSplit)
  }

  /// Where the end record is: the last one whose comment reaches to the very end.
  private func endOffset() -> Int? {
    guard bytes.count >= Self.endSize else { return nil }
    let last = bytes.count - Self.endSize
    return stride(from: last, through: max(0, last - Int(UInt16.max)), by: -1).first { offset in
      bytes.u32(offset) == Self.endSignature && bytes.u16(offset + 20).map(Int.init) == last - offset
    }
  }

  /// What to say about bytes without an end record.
  private func noEnd() -> ArchiveError {
    let begins = Array(bytes.bytes.prefix(6))
    func starts(_ signature: [UInt8]) -> Bool { begins.starts(with: signature) }
    if starts([0x50, 0x4B, 0x03, 0x04]) {
      return ArchiveError(.notAnArchive, "the zip archive is cut short: its end with the table of contents is missing")
    }
    let found =
      if bytes.count == 0 {
        "it is empty"
      } else if starts([0x1F, 0x8B]) {
        "it is a gzip file"
      } else if starts([0x37, 0x7A, 0xBC, 0xAF]) {
        "it is a 7z archive"
      } else if starts(Array("Rar!".utf8)) {
        "it is a RAR archive"
      } else if starts([0xFD, 0x37, 0x7A, 0x58, 0x5A]) {
        "it is an xz file"
      } else if bytes.slice(257, 5).map({ $0.elementsEqual("ustar".utf8) }) == true {
        "it is a tar archive"
      } else {
        "its end record is missing"
      }
    return ArchiveError(.notAnArchive, "what was uploaded is not a zip archive: \(found)")
  }
}
