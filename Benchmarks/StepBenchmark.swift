/// Everything about single steps.
struct StepBenchmark {
  /// Rounds of each kind.
  var rounds: Int
  /// Steps per round.
  var steps: Int
  /// The Python to use; nil for the one that is found.
  var python: String?
  /// The parts to run.
  var parts = StepPart.allCases

  /// Runs the parts.
  func run(into report: inout BenchmarkReport) async throws {
    if parts.contains(.native) { try await NativeStepBenchmark(rounds: rounds, steps: steps).run(into: &report) }
    if parts.contains(.python) {
      try await PythonStepBenchmark(rounds: rounds, steps: steps, python: python).run(into: &report)
    }
    if parts.contains(.overshoot) { try await OvershootBenchmark(steps: 250).run(into: &report) }
    if parts.contains(.startup) { try await StartupBenchmark(rounds: 15).run(into: &report) }
    if parts.contains(.memory) { try PeakMemoryBenchmark().run(into: &report) }
  }
}
