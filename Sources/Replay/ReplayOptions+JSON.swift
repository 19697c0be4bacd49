public import ArenaCore

extension ReplayOptions {
  /// Reads `compression_level`, `chunk_kib`, `chunk_interval_sec` and `queue_depth`; what is missing is as in `standard`.
  ///
  /// - Throws: `FieldError` naming the first that is not allowed.
  public init(reading reader: FieldReader) throws(FieldError) {
    func integer(_ key: String, _ range: ClosedRange<Int>) throws(FieldError) -> Int? {
      try reader.integer(key, in: Int64(range.lowerBound)...Int64(range.upperBound))
    }
    let kibibytes = Self.chunkSizes.lowerBound / 1024...Self.chunkSizes.upperBound / 1024
    let seconds = Self.chunkIntervals.lowerBound.inSeconds...Self.chunkIntervals.upperBound.inSeconds
    self = try ReplayOptions(
      level: try integer("compression_level", Self.levels) ?? Self.standard.level,
      chunkBytes: try integer("chunk_kib", kibibytes).map { $0 * 1024 } ?? Self.standard.chunkBytes,
      chunkInterval: try reader.seconds("chunk_interval_sec", in: seconds) ?? Self.standard.chunkInterval,
      queueDepth: try integer("queue_depth", Self.queueDepths) ?? Self.standard.queueDepth
    )
  }
}
