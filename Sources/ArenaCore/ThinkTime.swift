/// How long an agent took to answer, from the last byte of its observation handed over to the last byte of its answer.
public struct ThinkTime: Codable, Equatable, Sendable {
  /// Answers that were measured.
  public var count = 0
  /// Median, in seconds.
  public var p50Seconds = 0.0
  /// 99th percentile, in seconds.
  public var p99Seconds = 0.0
  /// The longest, in seconds.
  public var maxSeconds = 0.0
  /// The sum: wall time the agent was waited for, in seconds.
  public var totalSeconds = 0.0

  /// Nothing measured yet.
  public init() {}

  enum CodingKeys: String, CodingKey {
    case count
    case p50Seconds = "p50_sec"
    case p99Seconds = "p99_sec"
    case maxSeconds = "max_sec"
    case totalSeconds = "total_sec"
  }
}
