/// The header in front of an entry's data (APPNOTE.TXT 4.3.7).
struct LocalHeader {
  private static let signature: UInt32 = 0x0403_4b50
  private static let size = 30

  let flags: UInt16
  let method: UInt16
  let checksum: UInt32
  let size: UInt64
  let compressedSize: UInt64
  let rawName: ArraySlice<UInt8>
  /// Where the data begins.
  let dataOffset: Int

  /// Reads the header at `offset` of the entry that is called `name`.
  init(_ bytes: ZipBytes, at offset: Int, name: String) throws(ArchiveError) {
    let damaged = ArchiveError(.damaged, entry: name, "has no header in front of its data")
    guard bytes.u32(offset) == Self.signature,
      let flags = bytes.u16(offset + 6), let method = bytes.u16(offset + 8), let checksum = bytes.u32(offset + 14),
      let compressedSize = bytes.u32(offset + 18), let size = bytes.u32(offset + 22),
      let nameLength = bytes.u16(offset + 26), let extraLength = bytes.u16(offset + 28),
      let rawName = bytes.slice(offset + Self.size, Int(nameLength)),
      let extraBytes = bytes.slice(offset + Self.size + Int(nameLength), Int(extraLength))
    else { throw damaged }
    guard var long = ExtraFields(bytes, extraBytes.indices).longNumbers(),
      let fullSize = long.next(instead: size), let fullCompressedSize = long.next(instead: compressedSize)
    else { throw ArchiveError(.damaged, entry: name, "has damaged extra fields in front of its data") }
    self.flags = flags
    self.method = method
    self.checksum = checksum
    self.size = fullSize
    self.compressedSize = fullCompressedSize
    self.rawName = rawName
    dataOffset = extraBytes.endIndex
  }
}
