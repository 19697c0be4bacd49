internal import ArgumentParser

/// Measures replays.
struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Replays of pong: their size beside JSON's, what writing costs the match, compressing, reading."
  )

  @Flag(help: "Print one JSON object instead of tables.")
  var json = false

  @Option(help: "Rounds; medians are reported.")
  var rounds = 9

  @Option(help: "Frames per replay, 2000 to 200000.")
  var frames = ReplayBenchmark.frames

  @Option(help: "The Python of the agents. Default: .venv/bin/python3, else python3.")
  var python: String?

  func validate() throws {
    guard rounds >= 1 else { throw ValidationError("--rounds must be 1 or more") }
    guard (2000...200_000).contains(frames) else { throw ValidationError("--frames must lie in 2000…200000") }
  }

  func run() async throws {
    BuildKind.warnIfDebug()
    var report = BenchmarkReport()
    try await ReplayBenchmark(rounds: rounds, frames: frames, python: python).run(into: &report)
    print(json ? try report.json : report.table)
  }
}
