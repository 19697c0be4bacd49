internal import ArgumentParser

/// Everything in short rounds, for an impression.
struct SummaryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "summary",
    abstract: "Every benchmark in short rounds, for an impression."
  )

  @Flag(help: "Print one JSON object instead of tables.")
  var json = false

  func run() async throws {
    BuildKind.warnIfDebug()
    var report = BenchmarkReport()
    try await StepBenchmark(rounds: 3, steps: 5000, parts: [.native, .python]).run(into: &report)
    try await ReplayBenchmark(rounds: 1).run(into: &report)
    report.note("Short rounds, for an impression: `Benchmarks step` and `Benchmarks replay` measure properly.")
    print(json ? try report.json : report.table)
  }
}
