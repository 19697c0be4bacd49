internal import ArgumentParser

/// Measures steps.
struct StepCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "step",
    abstract: "Steps of a recorded match, beside a C ping-pong and an in-process Python loop."
  )

  @Flag(help: "Print one JSON object instead of tables.")
  var json = false

  @Option(help: "Rounds of each kind; they alternate, and medians are compared.")
  var rounds = 9

  @Option(help: "Steps per round, 2000 to 1000000.")
  var steps = 20_000

  @Option(
    help: "The Python of the agents and of the loop, with rl-arena installed. Default: .venv/bin/python3, else python3."
  )
  var python: String?

  @Option(help: "One part only. May be repeated.")
  var only: [StepPart] = []

  func validate() throws {
    guard rounds >= 1 else { throw ValidationError("--rounds must be 1 or more") }
    guard (2000...1_000_000).contains(steps) else { throw ValidationError("--steps must lie in 2000…1000000") }
  }

  func run() async throws {
    BuildKind.warnIfDebug()
    var report = BenchmarkReport()
    try await StepBenchmark(
      rounds: rounds,
      steps: steps,
      python: python,
      parts: only.isEmpty ? StepPart.allCases : only
    ).run(into: &report)
    print(json ? try report.json : report.table)
  }
}
