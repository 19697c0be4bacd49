import Glibc

/// Device nodes of the agent's own, where it would otherwise own the machine's.
///
/// A sandbox started by root maps the agent to root's own id outside. It has no capability to use, but it *owns*
/// `/dev/null`, and an owner may change a file's mode: for everybody. So it gets nodes that are nobody else's.
enum PrivateDevices {
  /// Major and minor numbers by name (Documentation/admin-guide/devices.txt).
  private static let nodes: [(name: String, major: UInt32, minor: UInt32)] = [
    ("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0),
  ]

  /// Whether this process's user owns the machine's device nodes.
  static var areNeeded: Bool { geteuid() == 0 }

  /// Makes the nodes in `folder`, and says whether they can be used there.
  static func make(in folder: String) -> Bool {
    guard mkdir(folder, 0o755) == 0 else { return false }
    for node in nodes {
      let path = "\(folder)/\(node.name)"
      guard mknod(path, S_IFCHR | 0o666, makedev(node.major, node.minor)) == 0, chmod(path, 0o666) == 0 else {
        Files.removeTree(folder)
        return false
      }
    }
    // On a file system mounted with `nodev` nodes can be made, but not opened.
    let descriptor = open("\(folder)/null", O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      Files.removeTree(folder)
      return false
    }
    close(descriptor)
    return true
  }

  /// `makedev(3)`, which is a macro.
  private static func makedev(_ major: UInt32, _ minor: UInt32) -> dev_t {
    dev_t(major & 0xfff) << 8 | dev_t(minor & 0xff)
  }
}
