/// Everything about single steps.
struct StepBenchmark {
  /// Rounds of each kind.
  var rounds: Int
  /// Steps per round.
  var steps: Int
  /// The Python to use; nil for the one that is found.
  var python: String?
  /// Whether only the comparisons are made.
  var isBrief = false

  /// Runs all of it.
  func run(into report: inout BenchmarkReport) async throws {
    try await NativeStepBenchmark(rounds: rounds, steps: steps).run(into: &report)
    try await PythonStepBenchmark(rounds: rounds, steps: steps, python: python).run(into: &report)
    guard !isBrief else { return }
    try await OvershootBenchmark(steps: 250).run(into: &report)
    try PeakMemoryBenchmark().run(into: &report)
  }
}
