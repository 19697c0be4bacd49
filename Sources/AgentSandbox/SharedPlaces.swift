import Glibc

/// Folders where unrelated people's files lie side by side, so that no agent may see one as a whole.
enum SharedPlaces {
  /// Whether `folder` is such a place: the root, a system folder, or anyone's home.
  static func contains(_ folder: String) -> Bool {
    let real = Files.realPath(folder) ?? folder
    if ["/", "/home", "/root", "/tmp", "/var", "/var/tmp", "/etc", "/dev", "/proc", "/sys", "/run"].contains(real) {
      return true
    }
    let parts = real.split(separator: "/")
    if parts.count == 2 && parts[0] == "home" { return true }
    return getenv("HOME").map { Files.realPath(String(cString: $0)) == real } ?? false
  }
}
