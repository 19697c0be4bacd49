internal import Glibc

/// How this program was built.
enum BuildKind {
  /// Whether it was built for debugging, and its figures mean nothing.
  static var isDebug: Bool {
    var isDebug = false
    // The condition is evaluated in debug builds only.
    assert(
      {
        isDebug = true
        return true
      }()
    )
    return isDebug
  }

  /// Says so on standard error where the figures mean nothing.
  static func warnIfDebug() {
    guard isDebug else { return }
    let warning = "warning: built for debugging; the figures mean nothing. Use: swift run -c release Benchmarks\n"
    _ = write(STDERR_FILENO, warning, warning.utf8.count)
  }
}
