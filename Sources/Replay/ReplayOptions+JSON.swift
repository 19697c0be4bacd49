public import ArenaCore

extension ReplayOptions {
  /// Reads `compression_level`, `chunk_kib`, `chunk_interval_sec` and `queue_depth`; what is missing is as in `standard`.
  ///
  /// - Throws: `FieldError` naming the first that is not allowed.
  public init(reading reader: FieldReader) throws(FieldError) {
    self = try ReplayOptions(
      level: try reader.integer("compression_level", in: 1...19) ?? Self.standard.level,
      chunkBytes: try reader.integer("chunk_kib", in: 1...16_384).map { $0 * 1024 } ?? Self.standard.chunkBytes,
      chunkInterval: try reader.seconds("chunk_interval_sec", in: 0.001...60) ?? Self.standard.chunkInterval,
      queueDepth: try reader.integer("queue_depth", in: 1...1024) ?? Self.standard.queueDepth
    )
  }
}
