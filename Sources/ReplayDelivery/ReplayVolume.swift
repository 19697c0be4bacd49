internal import Glibc
internal import Replay

/// The folder that matches write their replays to, looked through from outside.
///
/// It belongs to strangers' matches: symbolic links are not followed, and names that no match has are left alone.
final class ReplayVolume {
  /// A file that may be delivered.
  struct Sighting: Equatable, Sendable {
    /// Its path, seen from the volume.
    var name: String
    var identity: DeliverableFile.Identity
    /// Whether nobody will write to it any more.
    var isFinished: Bool
  }

  /// What a look through the volume found.
  struct View: Sendable {
    var files: [Sighting] = []
    /// What was left alone, and why.
    var ignored: [String: String] = [:]
  }

  /// Where the volume is.
  let root: String
  /// Whether a file was finished when it was last looked at, so that none is opened again and again.
  private var known: [String: Sighting] = [:]

  init(root: String) { self.root = root }

  /// Looks through the volume.
  ///
  /// - Throws: `DeliveryError` if its folder cannot be read.
  func look() throws(DeliveryError) -> View {
    let folder = Glibc.open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else {
      throw DeliveryError("\(root) cannot be read: \(String(cString: strerror(errno)))", isTransient: true)
    }
    var view = View()
    look(into: folder, prefix: "", &view)
    known = Dictionary(uniqueKeysWithValues: view.files.map { ($0.name, $0) })
    view.files.sort { $0.name < $1.name }
    return view
  }

  /// Takes over `folder` and closes it.
  private func look(into folder: CInt, prefix: String, _ view: inout View) {
    guard let stream = fdopendir(folder) else {
      Glibc.close(folder)
      view.ignored[prefix] = "it cannot be read"
      return
    }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      // Records of uploads, files that are being written, and the folder itself.
      guard !name.hasPrefix(".") else { continue }
      look(at: name, in: folder, path: prefix + name, &view)
    }
  }

  private func look(at name: String, in folder: CInt, path: String, _ view: inout View) {
    var status = stat()
    guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return }
    guard DeliveryName.isAllowed(path) else {
      view.ignored[path] = "no match has such a name"
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR:
      let next = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
      if next >= 0 { look(into: next, prefix: path + "/", &view) }
    case S_IFREG:
      guard let format = name.split(separator: ".").last, ["mcap", "json", "html"].contains(format) else { return }
      let identity = DeliverableFile.Identity(status)
      if let before = known[path], before.identity == identity {
        view.files.append(before)
      } else {
        let isFinished = format != "mcap" || Self.hasEnding(name, in: folder)
        view.files.append(Sighting(name: path, identity: identity, isFinished: isFinished))
      }
    case S_IFLNK: view.ignored[path] = "it is a symbolic link"
    default: view.ignored[path] = "it is no regular file"
    }
  }

  private static func hasEnding(_ name: String, in folder: CInt) -> Bool {
    guard let file = try? DeliverableFile(name: name, inFolder: folder, path: name),
      file.size >= ReplayEnding.byteCount,
      let bytes = try? file.read(at: file.size - ReplayEnding.byteCount, count: ReplayEnding.byteCount)
    else { return false }
    return ReplayEnding.isComplete(bytes)
  }

  /// Opens a file of the volume, following no link on the way.
  ///
  /// - Throws: `DeliveryError` if it is gone, or is something else by now.
  func open(_ name: String) throws(DeliveryError) -> DeliverableFile {
    var folder = Glibc.open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { if folder >= 0 { close(folder) } }
    let segments = name.split(separator: "/").map(String.init)
    for segment in segments.dropLast() where folder >= 0 {
      let next = openat(folder, segment, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
      close(folder)
      folder = next
    }
    guard folder >= 0, let last = segments.last else { throw DeliveryError("\(root)/\(name) cannot be opened") }
    return try DeliverableFile(name: last, inFolder: folder, path: "\(root)/\(name)")
  }
}
