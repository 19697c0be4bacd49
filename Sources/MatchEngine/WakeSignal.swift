internal import ArenaSystem
internal import CLinux
internal import Glibc

/// Wakes a thread that waits for descriptors: an eventfd.
final class WakeSignal: Sendable {
  /// Readable once `wake` was called, until `clear` is.
  let descriptor: Int32

  init() throws(SystemFailure) {
    descriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
    guard descriptor >= 0 else { throw SystemFailure("eventfd", errno) }
  }

  deinit { close(descriptor) }

  /// Makes the descriptor readable. May be called from any thread.
  func wake() {
    var one: UInt64 = 1
    // It fails only where the counter is full, and then the thread is awake already.
    _ = write(descriptor, &one, MemoryLayout.size(ofValue: one))
  }

  /// Makes the descriptor wait for the next `wake`.
  func clear() {
    var count: UInt64 = 0
    _ = read(descriptor, &count, MemoryLayout.size(ofValue: count))
  }
}
