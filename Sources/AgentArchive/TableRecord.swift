/// One record of the table of contents (APPNOTE.TXT 4.3.12).
struct TableRecord {
  private static let signature: UInt32 = 0x0201_4b50
  private static let size = 46

  /// General purpose bits (APPNOTE.TXT 4.4.4).
  private enum Flag {
    static let encrypted: UInt16 = 1 << 0
    static let descriptor: UInt16 = 1 << 3
    static let patched: UInt16 = 1 << 5
    static let stronglyEncrypted: UInt16 = 1 << 6
    static let utf8: UInt16 = 1 << 11
    static let masked: UInt16 = 1 << 13
    /// What the two headers must agree on; other bits tell how hard the compressor tried.
    static let significant = encrypted | descriptor | patched | stronglyEncrypted | masked
  }

  /// Sizes that are too large for 32 bits, of which a header says so with all ones.
  private struct Numbers: Equatable {
    var checksum: UInt32
    var size: UInt64
    var compressedSize: UInt64
  }

  private let madeBy: UInt16
  private let flags: UInt16
  private let method: UInt16
  private let numbers: Numbers
  private let attributes: UInt32
  private let headerOffset: UInt64
  private let rawName: ArraySlice<UInt8>
  private let name: String
  private let isNameValid: Bool

  /// The offset behind the record.
  let end: Int

  /// Reads record number `number`, from 1, at `offset`.
  ///
  /// - Throws: `ArchiveError` if there is none, or it does not end before `limit`.
  init(_ bytes: ZipBytes, at offset: Int, before limit: Int, number: Int) throws(ArchiveError) {
    let damaged = ArchiveError(.damaged, "entry \(number) of the archive's table of contents is damaged")
    guard offset <= limit - Self.size, bytes.u32(offset) == Self.signature,
      let madeBy = bytes.u16(offset + 4), let flags = bytes.u16(offset + 8), let method = bytes.u16(offset + 10),
      let checksum = bytes.u32(offset + 16), let compressedSize = bytes.u32(offset + 20),
      let size = bytes.u32(offset + 24), let nameLength = bytes.u16(offset + 28),
      let extraLength = bytes.u16(offset + 30), let commentLength = bytes.u16(offset + 32),
      let disk = bytes.u16(offset + 34), let attributes = bytes.u32(offset + 38),
      let headerOffset = bytes.u32(offset + 42),
      let rawName = bytes.slice(offset + Self.size, Int(nameLength)),
      let extraBytes = bytes.slice(offset + Self.size + Int(nameLength), Int(extraLength))
    else { throw damaged }
    end = offset + Self.size + Int(nameLength) + Int(extraLength) + Int(commentLength)
    guard end <= limit else { throw damaged }
    let extra = ExtraFields(bytes, extraBytes.indices)
    let decoded = EntryName.decode(
      rawName,
      isUTF8: flags & Flag.utf8 != 0,
      replacement: extra.unicodeName(for: rawName)
    )
    isNameValid = decoded != nil
    name = decoded ?? String(decoding: rawName, as: UTF8.self)
    guard var long = extra.longNumbers() else { throw ArchiveError(.damaged, entry: name, "has damaged extra fields") }
    // In this order, and each only where the short number is all ones (APPNOTE.TXT 4.5.3).
    guard let fullSize = long.next(instead: size), let fullCompressedSize = long.next(instead: compressedSize),
      let fullOffset = long.next(instead: headerOffset)
    else { throw ArchiveError(.damaged, entry: name, "lacks the sizes that it refers to") }
    guard disk == 0 || disk == .max else { throw ArchiveError(.unsupported, entry: name, "lies on another disk") }
    self.madeBy = madeBy
    self.flags = flags
    self.method = method
    numbers = Numbers(checksum: checksum, size: fullSize, compressedSize: fullCompressedSize)
    self.attributes = attributes
    self.headerOffset = fullOffset
    self.rawName = rawName
  }

  /// The entry that the record describes, if the header in front of its data says the same.
  func entry(_ bytes: ZipBytes, tableOffset: Int, _ limits: ArchiveLimits) throws(ArchiveError) -> ZipEntry {
    guard isNameValid else { throw ArchiveError(.forbiddenName, entry: name, "has a name that is not UTF-8") }
    let (components, isFolder) = try EntryName.components(name, limits)
    guard flags & (Flag.encrypted | Flag.stronglyEncrypted | Flag.masked) == 0 else {
      throw ArchiveError(.unsupported, entry: name, "is encrypted")
    }
    guard flags & Flag.patched == 0 else { throw ArchiveError(.unsupported, entry: name, "is a patch, not a file") }
    guard let method = ZipEntry.Method(rawValue: method) else {
      throw ArchiveError(
        .unsupported,
        entry: name,
        "is compressed by method \(method)\(Self.methodName(method)); only deflate (8) and none (0) are read"
      )
    }
    try checkKind(isFolder: isFolder)
    guard numbers.size <= UInt64(limits.fileBytes), let size = Int(exactly: numbers.size) else {
      let given = Int(exactly: numbers.size).map { "\(ByteCount($0))" } ?? "\(numbers.size) bytes"
      throw ArchiveError(.tooLarge, entry: name, "has \(given); at most \(ByteCount(limits.fileBytes)) are allowed")
    }
    guard !isFolder || size == 0 else {
      throw ArchiveError(.damaged, entry: name, "is a folder with contents of its own")
    }
    guard method != .stored || numbers.size == numbers.compressedSize else {
      throw ArchiveError(.damaged, entry: name, "is not compressed and yet has two sizes")
    }
    guard let start = Int(exactly: headerOffset), start < tableOffset else {
      throw ArchiveError(.damaged, entry: name, "has no data: its place is behind the table of contents")
    }
    let header = try LocalHeader(bytes, at: start, name: name)
    try check(header)
    guard let length = Int(exactly: numbers.compressedSize), header.dataOffset <= tableOffset,
      length <= tableOffset - header.dataOffset
    else { throw ArchiveError(.damaged, entry: name, "has data that reaches into the table of contents") }
    let data = header.dataOffset..<(header.dataOffset + length)
    var extentEnd = data.upperBound
    if flags & Flag.descriptor != 0 {
      guard let length = descriptorLength(bytes, at: data.upperBound), length <= tableOffset - data.upperBound else {
        throw ArchiveError(.damaged, entry: name, "has other sizes behind its data than in the table of contents")
      }
      extentEnd += length
    }
    return ZipEntry(
      name: name,
      components: components,
      isFolder: isFolder,
      isExecutable: isUnix && attributes >> 16 & 0o111 != 0,
      method: method,
      checksum: numbers.checksum,
      size: size,
      data: data,
      extent: start..<extentEnd
    )
  }

  private func check(_ header: LocalHeader) throws(ArchiveError) {
    func refuse(_ what: String) -> ArchiveError {
      ArchiveError(.damaged, entry: name, "has \(what) in front of its data than in the table of contents")
    }
    guard header.rawName == rawName else { throw refuse("another name") }
    guard header.method == method else { throw refuse("another method of compression") }
    guard (header.flags ^ flags) & Flag.significant == 0 else { throw refuse("other flags") }
    let isDeferred = flags & Flag.descriptor != 0
    func agrees<Number: FixedWidthInteger>(_ own: Number, _ table: Number) -> Bool {
      own == table || (isDeferred && own == 0)
    }
    guard agrees(header.size, numbers.size), agrees(header.compressedSize, numbers.compressedSize) else {
      throw refuse("other sizes")
    }
    guard agrees(header.checksum, numbers.checksum) else { throw refuse("another checksum") }
  }

  /// Length of the descriptor at `offset`, which comes with or without a signature and with 32 or 64-bit sizes
  /// (APPNOTE.TXT 4.3.9); nil if none of these forms repeats the table's numbers.
  private func descriptorLength(_ bytes: ZipBytes, at offset: Int) -> Int? {
    for prefix in [4, 0] {
      if prefix == 4, bytes.u32(offset) != 0x0807_4b50 { continue }
      guard bytes.u32(offset + prefix) == numbers.checksum else { continue }
      let sizes = offset + prefix + 4
      if bytes.u64(sizes) == numbers.compressedSize, bytes.u64(sizes + 8) == numbers.size { return prefix + 20 }
      if bytes.u32(sizes).map(UInt64.init) == numbers.compressedSize,
        bytes.u32(sizes + 4).map(UInt64.init) == numbers.size
      {
        return prefix + 12
      }
    }
    return nil
  }

  /// Whether the upper half of the attributes is a Unix mode: made on Unix or macOS (APPNOTE.TXT 4.4.2).
  private var isUnix: Bool { [3, 19].contains(madeBy >> 8) }

  private func checkKind(isFolder: Bool) throws(ArchiveError) {
    // 7-Zip writes a mode on other systems too; zero says nothing.
    let kind = attributes >> 28
    let (regular, folder): (UInt32, UInt32) = (0o10, 0o04)
    // FILE_ATTRIBUTE_REPARSE_POINT, where the lower half is Windows' attributes.
    let isReparsePoint = !isUnix && attributes & 0x400 != 0
    switch kind {
    case _ where isReparsePoint, 0o12:
      throw ArchiveError(.forbiddenKind, entry: name, "is a symbolic link; put the file itself there")
    case 0, regular, folder: break
    default: throw ArchiveError(.forbiddenKind, entry: name, "is a device, a socket or a pipe, and not a file")
    }
    guard kind == 0 || (kind == folder) == isFolder else {
      throw ArchiveError(.damaged, entry: name, "is a folder by its name or by its mode, but not by both")
    }
  }

  private static func methodName(_ method: UInt16) -> String {
    let names: [UInt16: String] = [
      1: "shrink", 6: "implode", 9: "deflate64", 12: "bzip2", 14: "LZMA", 93: "Zstandard", 95: "xz", 98: "PPMd",
      99: "AES",
    ]
    return names[method].map { " (\($0))" } ?? ""
  }
}
