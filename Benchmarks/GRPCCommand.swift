internal import ArgumentParser

/// Measures the gRPC transport.
struct GRPCCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grpc",
    abstract: "Unary calls to this project's transport and to grpc-swift-nio-transport's, in turn, by h2load."
  )

  @Flag(help: "Print one JSON object instead of tables.")
  var json = false

  @Option(help: "Rounds of each kind; the servers alternate, and medians are compared.")
  var rounds = 5

  @Option(help: "Calls per round at 16 and 256 at a time, 1000 to 1000000; a quarter of them one at a time.")
  var calls = 40_000

  func validate() throws {
    guard (1...100).contains(rounds) else { throw ValidationError("--rounds must lie in 1…100") }
    guard (1000...1_000_000).contains(calls) else { throw ValidationError("--calls must lie in 1000…1000000") }
  }

  func run() async throws {
    BuildKind.warnIfDebug()
    var report = BenchmarkReport()
    try await GRPCBenchmark(rounds: rounds, calls: calls).run(into: &report)
    print(json ? try report.json : report.table)
  }
}
