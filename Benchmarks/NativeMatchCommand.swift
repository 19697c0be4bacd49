internal import ArgumentParser

/// One match of two native agents, for profilers and `count-syscalls.sh`.
struct NativeMatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "native-match",
    abstract: "Play one recorded match of two native agents.",
    shouldDisplay: false
  )

  @Option(help: "Steps to play.")
  var steps = 20_000

  func run() async throws {
    let folder = try ScratchFolder()
    let trace = try await NativeMatch(steps: steps).play(in: folder)
    let times = StepTimes(instants: trace.playedAt, skipping: min(500, steps / 2))
    print(
      "\(trace.count) steps, p50 \(times.p50) ns, p99 \(times.p99) ns, \(Int(times.rate)) a second; waited \(trace.waited) s"
    )
  }
}
