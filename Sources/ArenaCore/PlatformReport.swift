/// How the machine behaved while it played a match. Only the loop's own lateness decides anything; the rest is context.
public struct PlatformReport: Codable, Equatable, Sendable {
  /// The largest lateness of the match loop, in seconds.
  public var loopLagMaxSeconds = 0.0
  /// How often the loop was later than the threshold.
  public var stalls = 0
  /// Timeouts that came while it was.
  public var timeoutsDuringStalls = 0
  /// Share of the match's time in which some task waited for a CPU (`some` of `/proc/pressure/cpu`), 0…1; nil where
  /// the kernel does not say.
  public var cpuPressure: Double?

  /// Nothing seen yet.
  public init() {}

  enum CodingKeys: String, CodingKey {
    case loopLagMaxSeconds = "loop_lag_max_sec"
    case stalls
    case timeoutsDuringStalls = "timeouts_during_stalls"
    case cpuPressure = "cpu_pressure"
  }
}
