internal import Glibc

/// A zip archive with an agent in it, checked as a whole before any of it is inflated.
///
/// It may hold stored and deflated files, with or without descriptors and 64-bit sizes, as Python, Info-ZIP, 7-Zip,
/// macOS and Windows write them. Where all files lie in one folder, as when people zip a folder, that folder is the
/// agent's. What systems leave beside people's files (`__MACOSX`, `._*`, `.DS_Store`, `__pycache__`) is passed over.
public struct AgentArchive: Sendable {
  /// Its files, in the order of the archive.
  public let files: [ArchiveFile]
  /// The folder that all files lie in and that their paths leave out; nil where there is none.
  public let rootFolder: String?

  private let bytes: ZipBytes
  /// All folders, each after the one it lies in.
  private let folders: [String]

  /// Reads the table of contents of the archive that `bytes` are.
  ///
  /// Complexity: O(n log n) in the number of entries, whatever they inflate to.
  ///
  /// - Throws: `ArchiveError` if it is damaged, uses what is not supported, or holds what it must not.
  public init(_ bytes: [UInt8], limits: ArchiveLimits = ArchiveLimits()) throws(ArchiveError) {
    guard bytes.count <= limits.archiveBytes else { throw Self.tooLarge(bytes.count, limits) }
    self.bytes = ZipBytes(bytes: bytes)
    let entries = try ZipReader(bytes: self.bytes, limits: limits).entries().filter { !$0.isPassedOver }
    let files = entries.filter { !$0.isFolder }
    guard let first = files.first else { throw ArchiveError(.empty, "the archive has no files") }
    // A file that lies in no folder has one component, and then there is no root to drop.
    let root = first.components.count > 1 ? first.components.first : nil
    let isRooted =
      root != nil
      && entries.allSatisfy { entry in
        entry.components.isEmpty || entry.components.first == root && (entry.isFolder || entry.components.count > 1)
      }
    let tree = try EntryTree(entries, dropsRoot: isRooted, limits)
    self.files = tree.files
    folders = tree.folders
    rootFolder = isRooted ? root : nil
  }

  /// Reads the archive in the file at `path`, all of it.
  ///
  /// - Throws: `ArchiveError`, also if the file cannot be read.
  public init(contentsOf path: String, limits: ArchiveLimits = ArchiveLimits()) throws(ArchiveError) {
    // Without O_NONBLOCK, opening a pipe would wait for somebody to write.
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { throw .systemCall("cannot open \(path)", errno) }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw .systemCall("cannot read \(path)", errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw ArchiveError(.notAnArchive, "\(path) is not a file") }
    guard status.st_size <= limits.archiveBytes else { throw Self.tooLarge(Int(status.st_size), limits) }
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { buffer, count in
      while count < buffer.count {
        let got = read(file, buffer.baseAddress.map { $0 + count }, buffer.count - count)
        if got < 0 && errno == EINTR { continue }
        if got < 0 { code = errno }
        guard got > 0 else { return }
        count += got
      }
    }
    guard code == 0 else { throw .systemCall("cannot read \(path)", code) }
    try self.init(bytes, limits: limits)
  }

  private static func tooLarge(_ count: Int, _ limits: ArchiveLimits) -> ArchiveError {
    ArchiveError(
      .tooLarge,
      "the archive has \(ByteCount(count)); at most \(ByteCount(limits.archiveBytes)) are allowed"
    )
  }

  /// The contents of one of its files.
  ///
  /// - Throws: `ArchiveError` if they are not what the archive says.
  public func contents(of file: ArchiveFile) throws(ArchiveError) -> [UInt8] {
    var contents: [UInt8] = []
    contents.reserveCapacity(file.size)
    try Inflater().contents(of: file.entry, in: bytes) { (piece) throws(ArchiveError) in
      contents.append(contentsOf: piece)
    }
    return contents
  }

  /// Writes all files into a new folder at `path`, with the modes 0644 and 0755 whatever the archive says.
  ///
  /// The folder that `path` lies in must be there, and nobody else may write to it.
  ///
  /// - Throws: `ArchiveError`; then nothing of it is left, and where something is at `path` already, that is untouched.
  public func unpack(to path: String) throws(ArchiveError) {
    var writer = try FolderWriter(path)
    let inflater = try Inflater()
    for folder in folders { try writer.makeFolder(folder) }
    for file in files {
      try writer.makeFile(file.path, isExecutable: file.isExecutable) { (descriptor) throws(ArchiveError) in
        try inflater.contents(of: file.entry, in: bytes) { (piece) throws(ArchiveError) in
          try FolderWriter.write(piece, to: descriptor)
        }
      }
    }
    writer.keep()
  }
}
