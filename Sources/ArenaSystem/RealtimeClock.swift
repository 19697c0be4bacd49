internal import Glibc

/// The time of day, on a clock that may be set.
public enum RealtimeClock {
  /// Now, in nanoseconds since the Unix epoch.
  public static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }

  /// Now, in seconds since the Unix epoch.
  public static var seconds: Double { Double(now()) / 1e9 }
}
