internal import CZlib

/// Gives an entry's contents out piece by piece, never more of them than were announced.
struct Inflater: ~Copyable {
  /// Bytes of one piece.
  private static let pieceSize = 64 << 10

  /// zlib keeps a pointer to it: it must not move.
  private let stream: UnsafeMutablePointer<z_stream>
  private let piece: UnsafeMutableBufferPointer<UInt8>

  init() throws(ArchiveError) {
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // Negative: deflate's own format, without zlib's header around it (zlib.h).
    let code = inflateInit2_(stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else {
      stream.deallocate()
      throw ArchiveError(.system, "no memory for inflating the archive")
    }
    self.stream = stream
    piece = .allocate(capacity: Self.pieceSize)
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    piece.deallocate()
  }

  /// Passes the contents of `entry` to `write`, piece by piece.
  ///
  /// - Throws: `ArchiveError` if they are not what the archive says; by then some pieces may have been passed.
  func contents(
    of entry: ZipEntry,
    in archive: ZipBytes,
    _ write: (UnsafeBufferPointer<UInt8>) throws(ArchiveError) -> Void
  ) throws(ArchiveError) {
    var checksum: uLong = 0
    var count = 0
    func take(_ bytes: UnsafeBufferPointer<UInt8>) throws(ArchiveError) {
      count += bytes.count
      guard count <= entry.size else { throw ArchiveError(.damaged, entry: entry.name, Self.tooLong) }
      checksum = crc32(checksum, bytes.baseAddress, uInt(bytes.count))
      try write(bytes)
    }
    switch entry.method {
    case .stored:
      var result: Result<Void, ArchiveError> = .success(())
      archive.bytes[entry.data].withUnsafeBufferPointer { data in
        if data.count > 0 { result = Result { () throws(ArchiveError) in try take(data) } }
      }
      try result.get()
    case .deflated: try inflate(entry, archive, take)
    }
    guard count == entry.size else {
      throw ArchiveError(.damaged, entry: entry.name, "inflates to fewer bytes than it says")
    }
    guard checksum == uLong(entry.checksum) else {
      throw ArchiveError(.damaged, entry: entry.name, "does not have the checksum that it says")
    }
  }

  private static let tooLong = "inflates to more bytes than it says"

  private func inflate(
    _ entry: ZipEntry,
    _ archive: ZipBytes,
    _ take: (UnsafeBufferPointer<UInt8>) throws(ArchiveError) -> Void
  ) throws(ArchiveError) {
    var result: Result<Void, ArchiveError> = .success(())
    archive.bytes[entry.data].withUnsafeBufferPointer { data in
      result = Result { () throws(ArchiveError) in try inflate(entry, data, take) }
    }
    try result.get()
  }

  private func inflate(
    _ entry: ZipEntry,
    _ data: UnsafeBufferPointer<UInt8>,
    _ take: (UnsafeBufferPointer<UInt8>) throws(ArchiveError) -> Void
  ) throws(ArchiveError) {
    let damaged = ArchiveError(.damaged, entry: entry.name, "has compressed data that is damaged")
    guard inflateReset(stream) == Z_OK else { throw damaged }
    // zlib does not write to its input. An archive is below 4 GiB by its limits; an entry of it is too.
    guard let count = uInt(exactly: data.count) else { throw damaged }
    stream.pointee.next_in = UnsafeMutablePointer(mutating: data.baseAddress)
    stream.pointee.avail_in = count
    while true {
      stream.pointee.next_out = piece.baseAddress
      stream.pointee.avail_out = uInt(piece.count)
      let code = CZlib.inflate(stream, Z_NO_FLUSH)
      let produced = piece.count - Int(stream.pointee.avail_out)
      if produced > 0 { try take(UnsafeBufferPointer(rebasing: piece[..<produced])) }
      if code == Z_STREAM_END { break }
      // Without any progress there is nothing more to come: the data breaks off.
      guard code == Z_OK, produced > 0 || stream.pointee.avail_in > 0 else { throw damaged }
    }
    guard stream.pointee.avail_in == 0 else {
      throw ArchiveError(.damaged, entry: entry.name, "has more compressed data than it needs")
    }
  }
}
