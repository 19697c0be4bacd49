internal import CLinux

/// The processors that the calling thread may use (sched_setaffinity(2)).
public enum ThreadProcessors {
  /// Their numbers; empty if the system does not say.
  public static var allowed: [Int] {
    var processors = [Int32](repeating: 0, count: 1024)
    let count = rl_arena_allowed_processors(&processors, Int32(processors.count))
    return processors.prefix(max(0, Int(count))).map(Int.init)
  }

  /// Keeps the calling thread on `processors`, if the system lets it. Threads that it starts inherit that.
  public static func use(_ processors: [Int]) {
    let numbers = processors.map { Int32($0) }
    _ = rl_arena_use_processors(numbers, Int32(numbers.count))
  }

  /// Lets the calling thread use every processor that the process's first thread may use.
  public static func useAll() { _ = rl_arena_use_processors_of_process() }
}
