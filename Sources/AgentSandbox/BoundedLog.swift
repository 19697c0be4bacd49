import Glibc

/// A file that takes what an agent prints, up to a limit, and says at its end how much more there was.
struct BoundedLog: ~Copyable {
  private let descriptor: Int32
  private var room: Int
  private var dropped = 0

  /// A log that writes up to `limit` bytes to `descriptor`, which stays the caller's to close.
  init(descriptor: Int32, limit: Int) {
    self.descriptor = descriptor
    room = limit
  }

  /// Writes what fits and counts the rest.
  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    var rest = UnsafeRawBufferPointer(rebasing: bytes.prefix(room))
    dropped += bytes.count - rest.count
    room -= rest.count
    while !rest.isEmpty {
      let count = write(descriptor, rest.baseAddress, rest.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        // A full disk must not stop the draining.
        dropped += rest.count
        room = 0
        return
      }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
    }
  }

  /// Notes how many bytes were dropped, if any were.
  mutating func finish() {
    guard dropped > 0 else { return }
    var note = "\n[rl-arena: \(dropped) more bytes were dropped]\n"
    _ = note.withUTF8 { write(descriptor, $0.baseAddress, $0.count) }
  }
}
