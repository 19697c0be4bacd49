import Glibc

/// A file that is read in places. Reads are `pread`: a file that shrinks meanwhile gives an error, where mapped memory would give a SIGBUS.
final class ReplayInput {
  /// Where the file is.
  let path: String
  /// The open file.
  let descriptor: CInt
  /// Its size in bytes when last asked.
  private(set) var size: UInt64 = 0

  /// Opens a file for reading.
  ///
  /// - Throws: `ReplayError` if there is no such file, or it is not a file of bytes on a disk.
  init(path: String) throws(ReplayError) {
    self.path = path
    // Without O_NONBLOCK, opening a pipe would wait for somebody to write to it.
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw ReplayError(.inaccessible, path, "it cannot be opened: \(String(cString: strerror(errno)))")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw ReplayError(.inaccessible, path, "it is not a regular file, as a replay must be")
    }
    size = UInt64(max(0, status.st_size))
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Asks for the size again.
  ///
  /// - Throws: `ReplayError` if the system does not say.
  func updateSize() throws(ReplayError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw ReplayError(.inaccessible, path, "its size cannot be read: \(String(cString: strerror(errno)))")
    }
    size = UInt64(max(0, status.st_size))
  }

  /// Whether the path leads to this very file still.
  var isInPlace: Bool { isAlso(path) }

  /// Whether `path` leads to this very file.
  func isAlso(_ path: String) -> Bool {
    var own = stat()
    var other = stat()
    guard fstat(descriptor, &own) == 0, stat(path, &other) == 0 else { return false }
    return (own.st_dev, own.st_ino) == (other.st_dev, other.st_ino)
  }

  /// The `count` bytes at `offset`, which lie within the file as it was when its size was last asked.
  ///
  /// - Throws: `ReplayError` if the file is shorter by now, or the system cannot read it.
  func read(at offset: UInt64, count: Int) throws(ReplayError) -> [UInt8] {
    var code: CInt = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let place = off_t(truncatingIfNeeded: offset) + off_t(filled)
        let got = pread(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, place)
        if got > 0 {
          filled += got
        } else if got == 0 || errno != EINTR {
          code = got == 0 ? 0 : errno
          return
        }
      }
    }
    guard bytes.count == count else {
      let place = offset + UInt64(bytes.count)
      if code == 0 { throw ReplayError(.changed, path, at: place, "the file became shorter while it was read") }
      throw ReplayError(.inaccessible, path, at: place, "reading failed: \(String(cString: strerror(code)))")
    }
    return bytes
  }

  /// CRC-32 of the bytes in `range`, which is read in pieces.
  ///
  /// - Throws: `ReplayError` if they cannot be read.
  func checksum(of range: Range<UInt64>) throws(ReplayError) -> UInt32 {
    var checksum: UInt32 = 0
    var offset = range.lowerBound
    while offset < range.upperBound {
      let piece = try read(at: offset, count: Int(min(1 << 18, range.upperBound - offset)))
      checksum = piece.withUnsafeBytes { ReplayFile.checksum(of: $0, after: checksum) }
      offset += UInt64(piece.count)
    }
    return checksum
  }
}
