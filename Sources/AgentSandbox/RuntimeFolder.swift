import Glibc
import Synchronization

/// A private folder with a short path that lives as long as what it is for.
///
/// The folder is locked while it is in use, and the kernel drops the lock with the process, so that whoever comes
/// later can tell a folder in use from one that a killed process left behind.
package final class RuntimeFolder: Sendable {
  /// Where it is.
  package let path: String
  private let lock: Mutex<Int32?>

  /// Nothing else may be called this: whatever is, and is not locked, is cleared away.
  private static let prefix = "rl-arena-run-"

  /// Creates a folder of mode 0700 in `base`, which is made if it is missing; by default under `$XDG_RUNTIME_DIR`, or
  /// `/tmp` where that is unusable.
  package init(in base: String? = nil) throws(SandboxError) {
    if let base { try Files.makeDirectories(base) }
    let base = base ?? Self.base
    while true {
      var template = Array("\(base)/\(Self.prefix)XXXXXX".utf8CString)
      guard mkdtemp(&template) != nil else { throw .systemCall("cannot create a folder in \(base)") }
      let path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
      let lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      // Somebody who clears away abandoned folders may have come between the two calls: then take another.
      if lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0, Files.kind(path) == .directory {
        self.path = path
        self.lock = Mutex(lock)
        return
      }
      if lock >= 0 { close(lock) }
      rmdir(path)
    }
  }

  deinit { remove() }

  /// Removes the folder and everything in it, if that has not been done.
  package func remove() {
    lock.withLock { lock in
      guard let descriptor = lock else { return }
      Files.removeTree(path)
      close(descriptor)
      lock = nil
    }
  }

  /// Removes folders that processes left behind in `base` which were killed.
  package static func removeAbandoned(in base: String? = nil) {
    let base = base ?? Self.base
    for name in Files.entries(base) ?? [] where name.hasPrefix(prefix) {
      let path = "\(base)/\(name)"
      var status = stat()
      guard lstat(path, &status) == 0, status.st_uid == geteuid() else { continue }
      let lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
      guard lock >= 0 else { continue }
      if flock(lock, LOCK_EX | LOCK_NB) == 0 { Files.removeTree(path) }
      close(lock)
    }
  }

  private static var base: String {
    guard let variable = getenv("XDG_RUNTIME_DIR") else { return "/tmp" }
    let folder = String(cString: variable)
    // A socket's path may have 107 bytes (unix(7)); what we add takes fewer than 40.
    guard folder.hasPrefix("/"), folder.utf8.count <= 64, Files.kind(folder) == .directory, access(folder, W_OK) == 0
    else { return "/tmp" }
    return folder
  }
}
