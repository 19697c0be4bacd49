internal import CLinux
internal import Glibc

/// A thread of its own for work that must not share one.
public enum DedicatedThread {
  private final class Job {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// What `body` returns, run on a new thread called `name`: for work that would hold up a thread which others need as well.
  ///
  /// - Throws: `SystemFailure` if the system has no thread left.
  public static func value<Value: Sendable>(
    _ name: String,
    _ body: @escaping @Sendable () -> Value
  ) async throws(SystemFailure) -> Value {
    let result = await withCheckedContinuation {
      (continuation: CheckedContinuation<Result<Value, SystemFailure>, Never>) in
      do throws(SystemFailure) {
        try start(name) { continuation.resume(returning: .success(body())) }
      } catch {
        continuation.resume(returning: .failure(error))
      }
    }
    return try result.get()
  }

  /// Runs `body` on a new thread called `name`, of which the kernel keeps 15 bytes.
  ///
  /// - Throws: `SystemFailure` if the system has no thread left.
  public static func start(_ name: String, _ body: @escaping @Sendable () -> Void) throws(SystemFailure) {
    let job = Unmanaged.passRetained(
      Job {
        rl_arena_name_thread(name)
        body()
      }
    )
    var thread = pthread_t()
    let code = pthread_create(
      &thread,
      nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().body()
        return nil
      },
      job.toOpaque()
    )
    guard code == 0 else {
      job.release()
      throw SystemFailure("pthread_create", code)
    }
    pthread_detach(thread)
  }
}
