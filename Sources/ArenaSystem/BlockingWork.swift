internal import Dispatch

/// Work that waits for a disk or takes long, done where it holds up nobody who must not wait: neither Swift's own few threads nor an
/// event loop.
public enum BlockingWork {
  /// What `body` returns, on one of Dispatch's threads. They are bounded: work beyond that waits its turn.
  public static func value<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(returning: body()) }
    }
  }

  /// What `body` returns or throws, in the same way.
  public static func value<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await value { Result { try body() } }.get()
  }
}
