internal import ArenaCore
internal import ArgumentParser
internal import Environments
internal import Glibc
internal import MatchEngine

/// One match of agents that are part of this program, and the memory it took at most.
///
/// Such a match plays steps faster than they can be compressed, so the recording's queue is full all the time.
struct PeakMemoryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peak-memory",
    abstract: "Play one recorded match and print VmHWM in KiB.",
    shouldDisplay: false
  )

  @Option(help: "Steps to play.")
  var steps: Int

  func run() async throws {
    let folder = try ScratchFolder()
    let spec = try MatchSpec(
      matchID: "benchmark",
      environment: Pong.name,
      agents: [AgentSpec(agentID: "first"), AgentSpec(agentID: "second")],
      limits: MatchLimits(matchTimeout: nil),
      seed: 7
    )
    let plan = MatchPlan(
      spec: spec,
      sources: [.builtIn(.random), .builtIn(.random)],
      replayPath: folder.file("benchmark.mcap")
    )
    let pong = try Pong(configuration: ["max_steps": .integer(Int64(steps)), "winning_score": .integer(1_000_000)])
    let result = try await Match(plan, environment: pong).play()
    guard result.status == .success, result.recording?.frames == steps else {
      throw BenchmarkError("the match did not go as it should: \(result.errorMessage ?? "no message")")
    }
    print(try Self.peak())
  }

  /// The most resident memory that this process has had, in KiB.
  private static func peak() throws(BenchmarkError) -> Int {
    let file = open("/proc/self/status", O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: 8192)
    let count = read(file, &buffer, buffer.count)
    let text = String(decoding: buffer[..<max(0, count)], as: UTF8.self)
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
      let number = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap({ Int($0) })
    else { throw BenchmarkError("/proc/self/status has no VmHWM") }
    return number
  }
}
