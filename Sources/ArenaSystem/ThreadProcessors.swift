internal import CLinux

/// The processors that the calling thread may use (sched_getaffinity(2)).
public enum ThreadProcessors {
  /// Their numbers; empty if the system does not say.
  public static var allowed: [Int] {
    var processors = [Int32](repeating: 0, count: 1024)
    let count = rl_arena_allowed_processors(&processors, Int32(processors.count))
    return processors.prefix(max(0, Int(count))).map(Int.init)
  }
}
