internal import CLinux
internal import Glibc

/// A thread of its own for work that must not share one.
public enum DedicatedThread {
  private final class Job {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
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
