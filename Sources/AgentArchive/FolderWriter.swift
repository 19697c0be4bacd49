internal import Glibc

/// Writes files into a folder that it makes itself, and takes everything back unless it is told to keep it.
///
/// Nothing is followed or overwritten: every folder on the way is opened without links, every file is a new one.
struct FolderWriter: ~Copyable {
  private let path: String
  private let root: Int32
  /// What was made, in order, relative to the root.
  private var made: [(path: String, isFolder: Bool)] = []
  private var isKept = false

  /// Makes the folder at `path`, where nothing may be yet.
  init(_ path: String) throws(ArchiveError) {
    let root = try Self.makeRoot(path)
    self.path = path
    self.root = root
  }

  private static func makeRoot(_ path: String) throws(ArchiveError) -> Int32 {
    guard mkdir(path, 0o755) == 0 else { throw .systemCall("cannot make the folder \(path)", errno) }
    let root = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    if root >= 0, fchmod(root, 0o755) == 0 { return root }
    let code = errno
    if root >= 0 { close(root) }
    rmdir(path)
    throw .systemCall("cannot open the folder \(path)", code)
  }

  deinit {
    if !isKept {
      for (path, isFolder) in made.reversed() { unlinkat(root, path, isFolder ? AT_REMOVEDIR : 0) }
      rmdir(path)
    }
    close(root)
  }

  /// Everything is written and stays.
  mutating func keep() { isKept = true }

  /// Makes the folder `path`, whose own folder is there.
  mutating func makeFolder(_ path: String) throws(ArchiveError) {
    let (parent, name) = try openParent(of: path)
    defer { if parent != root { close(parent) } }
    guard mkdirat(parent, name, 0o755) == 0 else { throw failure("make the folder", path) }
    made.append((path, true))
    // The process's umask is nobody's business here.
    guard fchmodat(parent, name, 0o755, 0) == 0 else { throw failure("make the folder", path) }
  }

  /// Makes the file `path` with what `fill` writes to its descriptor.
  mutating func makeFile(
    _ path: String,
    isExecutable: Bool,
    _ fill: (Int32) throws(ArchiveError) -> Void
  ) throws(ArchiveError) {
    let (parent, name) = try openParent(of: path)
    defer { if parent != root { close(parent) } }
    let file = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw failure("make the file", path) }
    defer { close(file) }
    made.append((path, false))
    try fill(file)
    guard fchmod(file, isExecutable ? 0o755 : 0o644) == 0 else { throw failure("make the file", path) }
  }

  /// Writes all of `bytes` to `file`.
  static func write(_ bytes: UnsafeBufferPointer<UInt8>, to file: Int32) throws(ArchiveError) {
    var rest = UnsafeRawBufferPointer(bytes)
    while rest.count > 0 {
      let written = Glibc.write(file, rest.baseAddress, rest.count)
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { throw .systemCall("cannot write what is unpacked", errno) }
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
  }

  /// The folder in which `path` lies, opened component by component, and the last component.
  private func openParent(of path: String) throws(ArchiveError) -> (Int32, name: String) {
    let components = path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
    var folder = root
    for component in components.dropLast() {
      let next = openat(folder, component, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      let code = errno
      if folder != root { close(folder) }
      guard next >= 0 else { throw .systemCall("cannot open a folder of \(self.path)/\(path)", code) }
      folder = next
    }
    return (folder, components.last ?? "")
  }

  private func failure(_ action: String, _ path: String) -> ArchiveError {
    .systemCall("cannot \(action) \(self.path)/\(path)", errno)
  }
}
