internal import ArenaSystem
internal import CPingPong
internal import Dispatch
internal import Synchronization

/// An agent on a thread of its own that waits for its first observation.
final class FirstObservation: Sendable {
  private let outcome = Mutex<(status: Int32, instant: Int64)?>(nil)
  private let end = DispatchSemaphore(value: 0)

  /// Starts it; it connects to `path` as soon as somebody listens there.
  init(at path: String) throws {
    try DedicatedThread.start("first-observe") { [self] in
      var instant: Int64 = 0
      let status = c_ping_pong_first_observe(path, &instant)
      outcome.withLock { $0 = (status, instant) }
      end.signal()
    }
  }

  /// When the observation came, in nanoseconds of the monotonic clock.
  func wait() throws(BenchmarkError) -> Int64 {
    guard end.wait(timeout: .now() + 20) == .success, let (status, instant) = outcome.withLock({ $0 }) else {
      throw BenchmarkError("no observation within 20 seconds")
    }
    guard status == 0 else { throw BenchmarkError("an agent failed: errno \(status)") }
    return instant
  }
}
