import ArenaSystem
import CLinux
import Glibc

/// Tells when a file has been written to, by the kernel's word (inotify(7)).
struct FileWatch: ~Copyable {
  /// Where changes are heard of; negative where the kernel has no watch left.
  private let descriptor: CInt

  /// Some file systems, such as those over a network, tell nothing: their files are looked at this often.
  private static let longestWait: Int64 = 1_000_000_000

  /// Watches the open file `file`.
  init(_ file: CInt) { descriptor = rl_arena_watch_file(file) }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Waits until the file may have changed, `deadline` has come, or `interrupt` is readable.
  ///
  /// - Parameters:
  ///   - deadline: nanoseconds of `CLOCK_MONOTONIC`.
  ///   - interrupt: a descriptor, or -1.
  func wait(until deadline: Int64, interrupt: CInt) {
    let rest = min(max(0, deadline - MonotonicClock.now()), Self.longestWait)
    // Rounded up, so that the time is over when the wait is.
    let milliseconds = CInt((rest + 999_999) / 1_000_000)
    var descriptors = [descriptor, interrupt].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    poll(&descriptors, nfds_t(descriptors.count), milliseconds)
    guard descriptor >= 0 else { return }
    // What exactly has happened does not matter: the file itself is asked.
    withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { events in
      while read(descriptor, events.baseAddress, events.count) > 0 {}
    }
  }
}
