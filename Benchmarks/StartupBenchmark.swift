internal import ArenaSystem
internal import Glibc

/// From the orchestrator's start, as a process, to the first observation at the agent that gets it last. The agents wait
/// for it and are ready at once, so that nothing of their own is in it.
struct StartupBenchmark {
  /// How often it is started.
  var rounds: Int

  func run(into report: inout BenchmarkReport) async throws {
    guard let program = Self.orchestrator else {
      return report.note("step.startup was not measured: swift build -c release --product orchestrator")
    }
    // Else every start says on the terminal what it does.
    setenv("LOG_LEVEL", "error", 1)
    var times: [Double] = []
    for _ in 0..<rounds { times.append(try measure(program)) }
    report.add("step.startup_p50", median(times) / 1e6, "ms")
    report.add("step.startup_max", (times.max() ?? 0) / 1e6, "ms")
  }

  /// The orchestrator that was built with this program.
  private static var orchestrator: String? {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    guard readlink("/proc/self/exe", &path, path.count - 1) > 0 else { return nil }
    let own = String(decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard let slash = own.lastIndex(of: "/") else { return nil }
    let program = own[...slash] + "orchestrator"
    return access(String(program), X_OK) == 0 ? String(program) : nil
  }

  /// Nanoseconds of one start.
  private func measure(_ program: String) throws -> Double {
    let folder = try ScratchFolder()
    let sockets = [folder.file("agent1.sock"), folder.file("agent2.sock")]
    let configuration = folder.file("match.json")
    let text = """
      {"match_id": "startup", "environment": "pong", "seed": 7, "record_replay": true,
       "replay": {"dir": "\(folder.path)"},
       "agents": [{"agent_id": "first", "socket": "\(sockets[0])"}, {"agent_id": "second", "socket": "\(sockets[1])"}]}
      """
    guard let file = fopen(configuration, "w"), fputs(text, file) >= 0, fclose(file) == 0 else {
      throw BenchmarkError("\(configuration) cannot be written: errno \(errno)")
    }
    _ = folder.file("startup.mcap")
    let agents = try sockets.map { try FirstObservation(at: $0) }
    let start = MonotonicClock.now()
    let process = try ChildProcess([program, "--config", configuration], keepsOutput: true)
    let instants = try agents.map { try $0.wait() }
    try process.finish()
    return Double((instants.max() ?? start) - start)
  }
}
