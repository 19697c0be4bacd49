internal import ArenaCore
internal import ArenaSystem
internal import Glibc

/// Watches how the machine behaves while it plays a match.
struct PlatformWatch: Sendable {
  private let threshold: Int64
  private let startedAt: Int64
  private let pressureAtStart: Int64?
  private var maxLag: Int64 = 0
  private var stalls = 0
  /// Whether the loop was late since the current step began.
  private(set) var isStepStalled = false
  private var timeoutsDuringStalls = 0

  init(threshold: Duration) {
    self.threshold = threshold.nanoseconds
    startedAt = MonotonicClock.now()
    pressureAtStart = Self.cpuPressureTotal()
  }

  /// A step begins.
  mutating func beginStep() { isStepStalled = false }

  /// The loop woke `lag` nanoseconds after the instant it had asked for.
  mutating func loopWoke(late lag: Int64) {
    maxLag = max(maxLag, lag)
    guard lag >= threshold else { return }
    stalls += 1
    isStepStalled = true
  }

  /// A deadline passed while the loop itself was late.
  mutating func countTimeoutDuringStall() { timeoutsDuringStalls += 1 }

  /// What was seen.
  func report() -> PlatformReport {
    var report = PlatformReport()
    report.loopLagMaxSeconds = Double(maxLag) / 1e9
    report.stalls = stalls
    report.timeoutsDuringStalls = timeoutsDuringStalls
    if let pressureAtStart, let now = Self.cpuPressureTotal() {
      let elapsed = max(1, (MonotonicClock.now() - startedAt) / 1000)
      report.cpuPressure = min(1, Double(now - pressureAtStart) / Double(elapsed))
    }
    return report
  }

  /// Microseconds in which some task waited for a CPU since the machine started, as `/proc/pressure/cpu` has them.
  ///
  /// Source: <https://docs.kernel.org/accounting/psi.html>.
  private static func cpuPressureTotal() -> Int64? {
    let file = open("/proc/pressure/cpu", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = read(file, &buffer, buffer.count)
    guard count > 0 else { return nil }
    let text = String(decoding: buffer[..<count], as: UTF8.self)
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("some ") }),
      let field = line.split(separator: " ").last(where: { $0.hasPrefix("total=") })
    else { return nil }
    return Int64(field.dropFirst("total=".count))
  }
}
