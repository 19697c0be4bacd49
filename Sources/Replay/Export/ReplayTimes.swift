/// Times of a replay as its exports have them.
enum ReplayTimes {
  /// Seconds since the Unix epoch of `nanoseconds` since then, with the microseconds that a replay keeps.
  static func seconds(_ nanoseconds: UInt64) -> Double { Double(nanoseconds / 1000) / 1_000_000 }
}
