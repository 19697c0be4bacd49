internal import ArgumentParser

/// Measures what the runtime promises to be better at. `docs/PERFORMANCE.md` has the method and figures.
@main
struct Benchmarks: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "Benchmarks",
    abstract: "Measures the match runtime beside something that does the same with less.",
    subcommands: [StepCommand.self, NativeAgentCommand.self, NativeMatchCommand.self, PeakMemoryCommand.self]
  )

  @Flag(help: "Print one JSON object instead of tables.")
  var json = false

  /// Runs every benchmark in its shortest form.
  mutating func run() async throws {
    BuildKind.warnIfDebug()
    var report = BenchmarkReport()
    try await StepBenchmark(rounds: 3, steps: 5000, parts: [.native, .python]).run(into: &report)
    print(json ? try report.json : report.table)
    if !json { print("\nShort rounds, for an impression. `Benchmarks step` measures properly.") }
  }
}
