import ArenaCore
import CZlib
import Crypto
import Glibc

/// The file that a replay is written to, record by record. After an error it ends with its last complete record.
struct ReplayFile: ~Copyable {
  /// Where the file is.
  let path: String
  private let descriptor: CInt
  /// Bytes of the complete records.
  private(set) var size: UInt64 = 0
  /// CRC-32 of all bytes so far.
  private(set) var checksum: UInt32 = 0

  private var hasher = SHA256()

  /// SHA-256 of all bytes so far, as 64 hexadecimal digits.
  var sha256: String { hasher.finalize().hexadecimalDigits }

  /// Creates the file, or empties it.
  ///
  /// - Throws: `ReplayFailure` if the file cannot be opened for writing.
  init(path: String) throws(ReplayFailure) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw ReplayFailure("\(path) cannot be opened for writing", errno: errno) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Appends whole records. They are with the kernel when this returns.
  ///
  /// - Throws: `ReplayFailure` if not all bytes could be written; those that could are taken back where the file allows it.
  mutating func append(_ bytes: UnsafeRawBufferPointer) throws(ReplayFailure) {
    var rest = bytes
    while let start = rest.baseAddress, rest.count > 0 {
      let written = write(descriptor, start, rest.count)
      if written > 0 {
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      } else if written < 0, errno == EINTR {
        continue
      } else {
        let reason = written < 0 ? errno : EIO
        takeBack()
        throw ReplayFailure("writing to \(path) failed", errno: reason)
      }
    }
    size += UInt64(bytes.count)
    checksum = Self.checksum(of: bytes, after: checksum)
    hasher.update(bufferPointer: bytes)
  }

  /// Checks that the file still has a name: one that was removed takes whatever is written to it, and nobody will ever find it.
  ///
  /// - Throws: `ReplayFailure` if it has none.
  func checkIsNotRemoved() throws(ReplayFailure) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_nlink == 0 else { return }
    throw ReplayFailure("\(path) was removed while it was recorded")
  }

  /// Has the kernel put everything on the disk.
  ///
  /// - Throws: `ReplayFailure` if the disk did not take it.
  func synchronize() throws(ReplayFailure) {
    while fsync(descriptor) != 0 {
      switch errno {
      case EINTR: continue
      case EINVAL, EROFS, ENOTSUP: return  // Not a file on a disk.
      default: throw ReplayFailure("\(path) could not be put on the disk", errno: errno)
      }
    }
  }

  /// CRC-32 of `bytes` as MCAP has it, continued from the CRC-32 of what comes before them.
  static func checksum(of bytes: UnsafeRawBufferPointer, after checksum: UInt32 = 0) -> UInt32 {
    UInt32(truncatingIfNeeded: crc32_z(UInt(checksum), bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count))
  }

  /// Cuts off what an append that failed has left behind. There is nothing left to do where this fails too.
  private func takeBack() {
    guard let end = off_t(exactly: size) else { return }
    if ftruncate(descriptor, end) == 0 { lseek(descriptor, end, SEEK_SET) }
  }
}
