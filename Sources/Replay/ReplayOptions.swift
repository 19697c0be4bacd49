public import ArenaCore

/// How a replay is written.
public struct ReplayOptions: Equatable, Sendable {
  /// How the kernel schedules the thread that compresses and writes.
  public enum Scheduling: Equatable, Sendable {
    /// `SCHED_BATCH`, 10 nicer than the thread that created the writer. It all but never delays the match's thread, and keeps up on a
    /// machine whose cores are all busy.
    case batch
    /// `SCHED_IDLE`: any other thread comes first. It delays the match's thread even less, but starves on a machine whose cores are all
    /// busy, where the match then waits for it, for seconds at its end.
    case idle
    /// As the thread that created the writer.
    case inherited
  }

  /// zstd's compression level.
  public let level: Int
  /// Bytes of uncompressed messages at which a chunk closes.
  public let chunkBytes: Int
  /// Time after its first message at which a chunk closes.
  public let chunkInterval: Duration
  /// Chunks that may wait to be compressed; beyond that the match waits between steps.
  public let queueDepth: Int
  /// How the kernel schedules the thread that compresses and writes.
  public let scheduling: Scheduling

  static let levels = 1...19
  static let chunkSizes = 1024...16 << 20
  static let queueDepths = 1...1024
  static let chunkIntervals = Duration.milliseconds(1)...Duration.seconds(60)

  /// The defaults: level 3, 64 KiB, 250 ms, 8 chunks.
  public static let standard = ReplayOptions(
    unchecked: 3,
    chunkBytes: 65_536,
    chunkInterval: .milliseconds(250),
    queueDepth: 8,
    scheduling: .batch
  )

  /// Options other than the defaults.
  ///
  /// - Parameters:
  ///   - level: 1…19.
  ///   - chunkBytes: 1 KiB…16 MiB.
  ///   - chunkInterval: 1 ms…1 min.
  ///   - queueDepth: 1…1024.
  /// - Throws: `FieldError` for a number outside its range.
  public init(
    level: Int = standard.level,
    chunkBytes: Int = standard.chunkBytes,
    chunkInterval: Duration = standard.chunkInterval,
    queueDepth: Int = standard.queueDepth,
    scheduling: Scheduling = standard.scheduling
  ) throws(FieldError) {
    func check(_ field: String, _ value: Int, _ range: ClosedRange<Int>) throws(FieldError) {
      guard range.contains(value) else {
        throw FieldError(field: field, given: "\(value)", allowed: "\(range.lowerBound)…\(range.upperBound)")
      }
    }
    try check("level", level, Self.levels)
    try check("chunk_bytes", chunkBytes, Self.chunkSizes)
    try check("queue_depth", queueDepth, Self.queueDepths)
    guard Self.chunkIntervals.contains(chunkInterval) else {
      throw FieldError(field: "chunk_interval", given: "\(chunkInterval)", allowed: "1 ms…1 min")
    }
    self.init(
      unchecked: level,
      chunkBytes: chunkBytes,
      chunkInterval: chunkInterval,
      queueDepth: queueDepth,
      scheduling: scheduling
    )
  }

  private init(
    unchecked level: Int,
    chunkBytes: Int,
    chunkInterval: Duration,
    queueDepth: Int,
    scheduling: Scheduling
  ) {
    self.level = level
    self.chunkBytes = chunkBytes
    self.chunkInterval = chunkInterval
    self.queueDepth = queueDepth
    self.scheduling = scheduling
  }
}
