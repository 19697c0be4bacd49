internal import Glibc

/// A folder under `/tmp` for sockets and replays; gone with this object.
final class ScratchFolder {
  /// Where it is.
  let path: String
  private var names: [String] = []

  init() throws(BenchmarkError) {
    var template = Array("/tmp/benchmark-rl-arena-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw BenchmarkError("no folder can be made in /tmp: errno \(errno)") }
    path = template.withUnsafeBufferPointer { buffer in
      buffer.baseAddress.map { String(cString: $0) } ?? ""
    }
  }

  deinit {
    for name in names { unlink("\(path)/\(name)") }
    rmdir(path)
  }

  /// The path of a file called `name`, which is removed at the end.
  func file(_ name: String) -> String {
    if !names.contains(name) { names.append(name) }
    return "\(path)/\(name)"
  }
}
