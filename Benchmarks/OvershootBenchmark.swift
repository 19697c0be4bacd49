internal import ArenaCore

/// How late a deadline is noticed: one agent reads every observation and never answers.
struct OvershootBenchmark {
  /// Steps, each of which ends at its deadline.
  var steps: Int

  /// The time for an answer. Longer than a heartbeat of the scheduler, short enough for many.
  private static let timeout = Duration.milliseconds(20)

  func run(into report: inout BenchmarkReport) async throws {
    let limits = MatchLimits(stepTimeout: Self.timeout)
    let trace = try await NativeMatch(steps: steps, silentAgent: 0, limits: limits).play(in: try ScratchFolder())
    let times = StepTimes(instants: trace.playedAt, skipping: 1)
    // A whole step less the time that the agent had: what is left holds the rest of the step's work too.
    let allowed = Double(Self.timeout.components.attoseconds / 1_000_000_000)
    report.add("step.deadline_overshoot_p50", (times.p50 - allowed) / 1000, "us")
    report.add("step.deadline_overshoot_p99", (times.p99 - allowed) / 1000, "us")
  }
}
