import Glibc

/// The few file operations the sandbox needs, without Foundation.
enum Files {
  /// What stands at a path.
  enum Kind {
    case directory, file, symbolicLink, socket, other
  }

  /// What stands at `path` itself, or where its links lead; nil if nothing does.
  static func kind(_ path: String, followingLinks: Bool = true) -> Kind? {
    var status = stat()
    guard (followingLinks ? stat(path, &status) : lstat(path, &status)) == 0 else { return nil }
    return switch status.st_mode & S_IFMT {
    case S_IFDIR: .directory
    case S_IFREG: .file
    case S_IFLNK: .symbolicLink
    case S_IFSOCK: .socket
    default: .other
    }
  }

  /// Where the symbolic link at `path` points, or nil if there is no link.
  static func linkTarget(_ path: String) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
      let count = readlink(path, buffer.baseAddress!, buffer.count)
      guard count > 0 else { return nil }
      return String(decoding: buffer[..<count].lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }

  /// `path` without links and dots, or nil if nothing is there.
  static func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// Names in the directory at `path`, sorted; nil if it cannot be read.
  static func entries(_ path: String) -> [String]? {
    guard let directory = opendir(path) else { return nil }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// The text of a small file, or nil if it cannot be read.
  static func read(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    return withUnsafeTemporaryAllocation(byteCount: 16384, alignment: 1) { buffer in
      while true {
        let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        if count < 0 && errno == EINTR { continue }
        guard count >= 0 else { return nil }
        if count == 0 { return String(decoding: bytes, as: UTF8.self) }
        bytes.append(contentsOf: buffer[..<count])
      }
    }
  }

  /// Writes `text` to the file at `path`, creating it with `mode` if `create` says so.
  static func write(_ text: String, to path: String, create: Bool = false, mode: mode_t = 0o644) throws(SandboxError) {
    let flags = create ? O_WRONLY | O_CLOEXEC | O_CREAT | O_TRUNC : O_WRONLY | O_CLOEXEC
    let descriptor = open(path, flags, mode)
    guard descriptor >= 0 else { throw .systemCall("cannot open \(path)") }
    defer { close(descriptor) }
    // Control files take a value in one write or not at all; our own files are small enough for the same.
    var text = text
    let written = text.withUTF8 { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    guard written == text.utf8.count else { throw .systemCall("cannot write \(path)") }
  }

  /// Creates the directory at `path` and those it lies in.
  static func makeDirectories(_ path: String) throws(SandboxError) {
    var current = path.hasPrefix("/") ? "/" : ""
    for component in path.split(separator: "/") {
      current += (current.isEmpty || current.hasSuffix("/") ? "" : "/") + component
      if mkdir(current, 0o755) != 0 && errno != EEXIST { throw .systemCall("cannot create the folder \(current)") }
    }
    guard kind(path) == .directory else { throw SandboxError("\(path) is not a folder") }
  }

  /// Removes what stands at `path`, whatever lies in it; links are removed, not followed.
  static func removeTree(_ path: String) {
    if kind(path, followingLinks: false) == .directory {
      for name in entries(path) ?? [] { removeTree("\(path)/\(name)") }
      rmdir(path)
    } else {
      unlink(path)
    }
  }

  /// The first executable file called `name` in the folders of `PATH`; a name with a slash is a path.
  static func executable(_ name: String) -> String? {
    let candidates: [String]
    if name.contains("/") {
      candidates = [name]
    } else {
      let folders = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
      candidates = folders.split(separator: ":").filter { $0.hasPrefix("/") }.map { "\($0)/\(name)" }
    }
    return candidates.first { access($0, X_OK) == 0 && kind($0) == .file }
  }

  /// Whether `path` lies in `folder` or is it; both absolute and without links.
  static func contains(_ folder: String, _ path: String) -> Bool {
    path == folder || folder == "/" || path.hasPrefix(folder + "/")
  }
}
