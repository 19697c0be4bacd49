/// Two native agents: recorded matches and C ping-pongs in turn.
struct NativeStepBenchmark {
  /// Rounds of each kind.
  var rounds: Int
  /// Steps per round.
  var steps: Int

  /// Steps at the start of every round that are not counted: pages and caches are cold.
  private static let warmUp = 500

  func run(into report: inout BenchmarkReport) async throws {
    let folder = try ScratchFolder()
    var ours: [StepTimes] = []
    var others: [StepTimes] = []
    var allocations: [Double] = []
    for _ in 0..<rounds {
      others.append(StepTimes(instants: try PingPong(steps: steps).play(in: folder), skipping: Self.warmUp))
      let trace = try await NativeMatch(steps: steps).play(in: folder)
      ours.append(StepTimes(instants: trace.playedAt, skipping: Self.warmUp))
      if let count = trace.allocationsPerStep { allocations.append(count) }
    }
    func middle(_ rounds: [StepTimes], _ value: (StepTimes) -> Double) -> Double { median(rounds.map(value)) }

    for (name, rounds) in [("step.native2", ours), ("step.c_ping_pong", others)] {
      report.add("\(name).p50", middle(rounds, \.p50) / 1000, "us")
      report.add("\(name).p99", middle(rounds, \.p99) / 1000, "us")
      report.add("\(name).rate", middle(rounds, \.rate), "1/s")
    }
    if !allocations.isEmpty {
      report.add("step.native2.allocations_per_step", allocations.max() ?? 0, "1")
    }
    report.addRatio("step.native2.p50_vs_c", middle(ours, \.p50) / middle(others, \.p50))
    report.addRatio("step.native2.p99_vs_c", middle(ours, \.p99) / middle(others, \.p99))
    report.addRatio("step.native2.rate_vs_c", middle(ours, \.rate) / middle(others, \.rate))
  }
}
