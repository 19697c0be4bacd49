internal import Glibc

/// Files of the process, for code that wants a path. They are made anew for every input, and removed at the process's end at the latest by
/// whoever owns `TMPDIR`.
struct FuzzFiles {
  /// The input.
  let input: String
  /// Where something may be written.
  let output: String

  /// Those of this thread: tests run several at a time.
  init(_ bytes: UnsafeRawBufferPointer) {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    let name = "\(folder)/rl-arena-fuzz-\(getpid())-\(pthread_self())"
    input = "\(name)-in"
    output = "\(name)-out"
    let descriptor = open(input, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    precondition(descriptor >= 0, "\(input) cannot be written")
    defer { close(descriptor) }
    var rest = bytes
    while rest.count > 0 {
      let written = write(descriptor, rest.baseAddress, rest.count)
      precondition(written > 0, "\(input) cannot be written")
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
  }

  /// Removes them.
  func remove() {
    unlink(input)
    unlink(output)
  }
}
