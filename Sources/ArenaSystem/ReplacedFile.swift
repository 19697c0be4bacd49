internal import Glibc

/// A file that is written beside its place, and takes it once it is complete: nobody ever sees half of it.
///
/// What was not committed is gone when the value is.
public struct ReplacedFile: ~Copyable {
  /// Where the file will be.
  public let path: String
  /// Where to write.
  public let descriptor: Int32
  private let temporary: String

  /// Begins a file for `path`, in the same folder.
  ///
  /// - Throws: `SystemFailure` if it cannot be created.
  public init(_ path: String) throws(SystemFailure) {
    self.path = path
    temporary = "\(path).\(getpid()).partial"
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw SystemFailure("creating \(path)", errno) }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    // After a commit there is none.
    unlink(temporary)
  }

  /// Puts the file in place, once the disk has its content.
  ///
  /// - Throws: `SystemFailure` if the disk did not take it, or the place cannot be taken.
  public borrowing func commit() throws(SystemFailure) {
    while fsync(descriptor) != 0 {
      if errno == EINTR { continue }
      // A file system without anything to flush has done it.
      guard errno == EINVAL || errno == EROFS || errno == ENOTSUP else {
        throw SystemFailure("flushing \(path)", errno)
      }
      break
    }
    guard rename(temporary, path) == 0 else { throw SystemFailure("putting \(path) in place", errno) }
  }
}
