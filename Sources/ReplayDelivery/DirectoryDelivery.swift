internal import ArenaCore
internal import Crypto
internal import Glibc

/// Copies files into a folder, so that each appears under its name only once all of it is there, on the disk, and was read back.
struct DirectoryDelivery: Sendable {
  /// The folder, which must exist: a mount that is not there must not be replaced by a folder on the disk below.
  let folder: String

  /// Copies `file` to `name`, making the folders before it.
  ///
  /// - Throws: `DeliveryError` if the copy cannot be written, or is not right; `CancellationError` if the task is cancelled. Nothing is left of it.
  func deliver(_ file: DeliverableFile, _ digests: FileDigests, as name: String) throws {
    var directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { throw failure("the folder \(folder) cannot be opened", errno) }
    defer { close(directory) }
    var segments = name.split(separator: "/").map(String.init)
    guard let last = segments.popLast() else { throw DeliveryError("there is no name for the copy of \(file.path)") }
    for segment in segments {
      guard mkdirat(directory, segment, 0o755) == 0 || errno == EEXIST else {
        throw failure("the folder \(segment) of \(folder) cannot be made", errno)
      }
      let next = openat(directory, segment, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
      guard next >= 0 else { throw failure("the folder \(segment) of \(folder) cannot be opened", errno) }
      close(directory)
      directory = next
    }
    if let there = try? DeliverableFile(name: last, inFolder: directory, path: name), there.size == digests.size,
      try there.sha256() == digests.sha256
    {
      return
    }
    let temporary = ".\(last).\(String(UInt64.random(in: .min ... .max), radix: 36)).part"
    do {
      try copy(file, digests, to: temporary, in: directory)
      guard renameat(directory, temporary, directory, last) == 0 else {
        throw failure("\(folder)/\(name) cannot be put in its place", errno)
      }
    } catch {
      unlinkat(directory, temporary, 0)
      throw error
    }
    // Some file systems do not know fsync for folders; there is nothing to be done about it then.
    fsync(directory)
  }

  private func copy(_ file: DeliverableFile, _ digests: FileDigests, to name: String, in directory: CInt) throws {
    let output = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard output >= 0 else { throw failure("\(folder) cannot be written to", errno) }
    defer { close(output) }
    var offset = 0
    while offset < digests.size {
      try Task.checkCancellation()
      let bytes = try file.read(at: offset, count: min(DeliverableFile.pieceBytes, digests.size - offset))
      guard !bytes.isEmpty else { throw DeliveryError("\(file.path) became shorter while it was copied") }
      var written = 0
      while written < bytes.count {
        let count = bytes.withUnsafeBytes { write(output, $0.baseAddress.map { $0 + written }, bytes.count - written) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw failure("writing to \(folder) failed", count < 0 ? errno : EIO) }
        written += count
      }
      offset += bytes.count
    }
    guard fsync(output) == 0 || errno == EINVAL || errno == ENOTSUP else {
      throw failure("the copy could not be put on the disk of \(folder)", errno)
    }
    let copy = try DeliverableFile(name: name, inFolder: directory, path: "\(folder)/\(name)")
    guard copy.size == digests.size, try copy.sha256() == digests.sha256 else {
      throw DeliveryError("the copy in \(folder) is not what \(file.path) was; the file or the disk has changed")
    }
  }

  private func failure(_ problem: String, _ code: CInt) -> DeliveryError {
    DeliveryError("\(problem): \(String(cString: strerror(code)))", isTransient: true)
  }
}
