internal import ArenaCore
internal import Glibc

/// Time since some point in the past, on a clock that never jumps.
public enum MonotonicClock {
  /// Now, in nanoseconds of `CLOCK_MONOTONIC`.
  public static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }

  /// `duration` after `instant`, both in nanoseconds; far in the future where there is no limit or no such number.
  public static func instant(_ instant: Int64, plus duration: Duration?) -> Int64 {
    guard let duration else { return .max }
    let (sum, overflow) = instant.addingReportingOverflow(duration.nanoseconds)
    return overflow ? .max : sum
  }
}
