internal import ArenaCore
internal import Crypto
internal import Glibc
internal import NIOCore

/// An open file that is to be delivered. What is read is that very file, whatever happens to its name.
public final class DeliverableFile: Sendable {
  /// Which file it is, and in which state: equal as long as nobody has written to it.
  public struct Identity: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64
    /// Its size in bytes.
    public let size: Int
    /// When it was last written to, in nanoseconds since 1970.
    public let modified: Int64

    init(_ status: stat) {
      device = UInt64(status.st_dev)
      inode = UInt64(status.st_ino)
      size = Int(status.st_size)
      modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    }
  }

  /// Where it was found, for messages.
  public let path: String
  /// Which file it was when it was opened.
  public let identity: Identity
  private let descriptor: CInt
  /// The folder that it was found in, and its name there.
  private let folder: CInt
  private let name: String

  /// Its size in bytes when it was opened.
  public var size: Int { identity.size }

  /// Bytes that are read at a time.
  static let pieceBytes = 256 << 10

  /// Opens the file at `path`, following symbolic links: the path is the operator's own.
  ///
  /// - Throws: `DeliveryError` if there is no such file, or it is not a regular one.
  public convenience init(path: String) throws(DeliveryError) {
    try self.init(name: path, in: AT_FDCWD, path: path, flags: 0)
  }

  /// Opens the file `name` of the open folder `folder`, which must not be a symbolic link.
  ///
  /// - Parameter path: how it is called in messages.
  convenience init(name: String, inFolder folder: CInt, path: String) throws(DeliveryError) {
    // A descriptor of its own, so that the very folder is kept, whatever becomes of its name.
    try self.init(name: name, in: fcntl(folder, F_DUPFD_CLOEXEC, 0), path: path, flags: O_NOFOLLOW)
  }

  private init(name: String, in folder: CInt, path: String, flags: CInt) throws(DeliveryError) {
    self.path = path
    self.name = name
    self.folder = folder
    // Without O_NONBLOCK, opening a pipe would wait for somebody to write to it.
    descriptor = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags)
    var status = stat()
    guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
      let reason = errno
      Self.close(descriptor, folder)
      throw DeliveryError("\(path) cannot be opened: \(String(cString: strerror(reason)))")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      Self.close(descriptor, folder)
      throw DeliveryError("\(path) is not a regular file, as a replay must be")
    }
    identity = Identity(status)
  }

  deinit { Self.close(descriptor, folder) }

  private static func close(_ descriptors: CInt...) {
    for descriptor in descriptors where descriptor >= 0 { Glibc.close(descriptor) }
  }

  /// Where the record of its upload is.
  var recordPlace: UploadRecord.Place { UploadRecord.Place(folder: folder, name: UploadRecord.path(of: name)) }

  /// Removes the file, unless its name leads to another by now, or somebody has written to it.
  ///
  /// - Returns: whether it is gone.
  public func remove() -> Bool {
    var status = stat()
    guard isUnchanged, fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0, Identity(status) == identity else {
      return false
    }
    return unlinkat(folder, name, 0) == 0
  }

  /// Whether nobody has written to the file since it was opened.
  public var isUnchanged: Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && Identity(status) == identity
  }

  /// At most `count` bytes at `offset`; fewer only at the file's end.
  ///
  /// - Throws: `DeliveryError` if the system cannot read it.
  func read(at offset: Int, count: Int) throws(DeliveryError) -> [UInt8] {
    var code: CInt = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = pread(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, off_t(offset + filled))
        if got > 0 {
          filled += got
        } else if got == 0 || errno != EINTR {
          code = got == 0 ? 0 : errno
          return
        }
      }
    }
    guard code == 0 else { throw DeliveryError("reading \(path) failed: \(String(cString: strerror(code)))") }
    return bytes
  }

  /// The checksums of the file as it was when it was opened, cut by `layout`.
  ///
  /// - Throws: `DeliveryError` if it cannot be read or has become shorter; `CancellationError` if the task is cancelled.
  func digests(_ layout: PartLayout? = nil) throws -> FileDigests {
    var reader = FileDigests.Reader(layout)
    var offset = 0
    while offset < size {
      try Task.checkCancellation()
      let bytes = try read(at: offset, count: min(Self.pieceBytes, size - offset, reader.roomInPiece))
      guard !bytes.isEmpty else { throw DeliveryError("\(path) became shorter while it was read") }
      reader.add(bytes)
      offset += bytes.count
    }
    return reader.finish()
  }

  /// SHA-256 of the file as it was when it was opened, as 64 hexadecimal digits.
  ///
  /// - Throws: `DeliveryError` if it cannot be read or has become shorter; `CancellationError` if the task is cancelled.
  public func sha256() throws -> String { try digests().sha256 }

  /// The bytes in `range`, piece by piece.
  func slice(_ range: Range<Int>) -> Slice { Slice(file: self, range: range) }

  /// A part of the file as a body of a request. A file that has become shorter gives an error.
  struct Slice: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    let file: DeliverableFile
    let range: Range<Int>

    struct AsyncIterator: AsyncIteratorProtocol {
      let file: DeliverableFile
      var rest: Range<Int>

      mutating func next() async throws -> ByteBuffer? {
        guard !rest.isEmpty else { return nil }
        let bytes = try file.read(at: rest.lowerBound, count: Swift.min(DeliverableFile.pieceBytes, rest.count))
        guard !bytes.isEmpty else { throw DeliveryError("\(file.path) became shorter while it was sent") }
        rest = rest.lowerBound + bytes.count..<rest.upperBound
        return ByteBuffer(bytes: bytes)
      }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(file: file, rest: range) }
  }
}
