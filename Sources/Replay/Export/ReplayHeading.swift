/// What is known about a replay before its events are read.
struct ReplayHeading {
  /// Steps in it.
  var totalSteps: Int
  /// When the first game began, in nanoseconds since the Unix epoch.
  var startTime: UInt64
  /// When the last event was recorded, in nanoseconds since the Unix epoch.
  var endTime: UInt64
}

extension ReplayHeading {
  /// What is known about the replay of `reader`.
  init(_ reader: ReplayReader) {
    totalSteps = reader.frameCount
    startTime = reader.times?.lowerBound ?? 0
    endTime = reader.times?.upperBound ?? 0
  }
}
