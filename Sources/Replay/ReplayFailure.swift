import Glibc

/// The file of a replay could not be written. The match is not to blame and goes on.
struct ReplayFailure: Error, CustomStringConvertible {
  /// A sentence without its full stop: what failed, and why.
  let description: String

  /// A failure for a reason in words.
  init(_ description: String) { self.description = description }

  /// A failure of a system call.
  init(_ what: String, errno: CInt) { description = "\(what): \(String(cString: strerror(errno)))" }
}
