internal import AgentSandbox
internal import ArenaCore
internal import Environments
internal import Glibc
internal import MatchEngine

/// Two Python agents: recorded matches of sandboxed processes, and a loop that plays the same game in one process, in turn.
struct PythonStepBenchmark {
  /// Rounds of each kind.
  var rounds: Int
  /// Steps per round.
  var steps: Int
  /// The Python to use; nil for `.venv/bin/python3`, or `python3` on `PATH` where there is none.
  var python: String?

  /// Steps at the start of every round that are not counted.
  private static let warmUp = 500
  private static let agent = "examples/agents/tracker"
  private static let agentFile = "examples/agents/tracker/agent.py"
  private static let hostFile = "sdk/python/rl_arena_agent.py"
  private static let loopFile = "Benchmarks/in_process_loop.py"

  func run(into report: inout BenchmarkReport) async throws {
    let interpreter: PythonInterpreter
    do {
      interpreter = try await findInterpreter()
    } catch {
      guard python == nil else { throw error }
      return report.note("step.python2 was not measured: \(error)")
    }
    let sandbox = try await AgentSandbox(.auto)
    report.note("step.python2: Python \(interpreter.version), \(sandbox.summary)")

    let folder = try ScratchFolder()
    var ours: [StepTimes] = []
    var others: [Double] = []
    for _ in 0..<rounds {
      others.append(try playInProcess(interpreter))
      let trace = try await play(interpreter, in: sandbox, folder)
      ours.append(StepTimes(instants: trace.playedAt, skipping: Self.warmUp))
    }
    let rate = median(ours.map(\.rate))
    report.add("step.python2.p50", median(ours.map(\.p50)) / 1000, "us")
    report.add("step.python2.p99", median(ours.map(\.p99)) / 1000, "us")
    report.add("step.python2.rate", rate, "1/s")
    report.add("step.python_in_process.rate", median(others), "1/s")
    report.addRatio("step.python2.rate_vs_in_process", rate / median(others))
  }

  /// The interpreter, if it and all files are there and it has rl-arena.
  private func findInterpreter() async throws -> PythonInterpreter {
    for file in [Self.agentFile, Self.hostFile, Self.loopFile] where access(file, R_OK) != 0 {
      throw BenchmarkError("\(file) is missing: run this in the repository's folder")
    }
    let environment = ".venv/bin/python3"
    let interpreter = try await PythonInterpreter.discover(
      override: python ?? (access(environment, X_OK) == 0 ? environment : nil)
    )
    let probe = try ChildProcess(
      [interpreter.executable, "-c", "import importlib.util as i; print(bool(i.find_spec('rl_arena')))"],
      keepsOutput: true
    )
    guard try probe.finish().hasPrefix("True") else {
      throw BenchmarkError("\(interpreter.executable) has no rl-arena: pip install rl-arena==0.1.2")
    }
    return interpreter
  }

  /// Steps per second of the loop in one process.
  private func playInProcess(_ interpreter: PythonInterpreter) throws(BenchmarkError) -> Double {
    let command = [interpreter.executable, Self.loopFile, "\(steps)", "\(Self.warmUp)", Self.agentFile, Self.agentFile]
    let output = try ChildProcess(command, keepsOutput: true).finish()
    guard let rate = output.split(separator: "\n").last.flatMap({ Double($0) }) else {
      throw BenchmarkError("\(Self.loopFile) printed \(output)")
    }
    return rate
  }

  /// Plays one recorded match of sandboxed agents.
  private func play(
    _ interpreter: PythonInterpreter,
    in sandbox: AgentSandbox,
    _ folder: ScratchFolder
  ) async throws -> StepTrace {
    let trace = StepTrace(capacity: steps)
    let spec = try MatchSpec(
      matchID: "benchmark",
      environment: Pong.name,
      agents: [AgentSpec(agentID: "first"), AgentSpec(agentID: "second")],
      seed: 7
    )
    for agent in spec.agents.indices {
      for stream in ["stdout", "stderr"] {
        _ = folder.file("agent\(agent + 1)-\(spec.agents[agent].agentID).\(stream).log")
      }
    }
    let plan = LocalMatch.Plan(
      spec: spec,
      entrants: [.program(.python(path: Self.agent)), .program(.python(path: Self.agent))],
      interpreter: interpreter,
      hostFile: Self.hostFile,
      logDirectory: folder.path,
      replayPath: folder.file("benchmark.mcap")
    )
    let match = try LocalMatch(plan, environment: try TracedPong(steps: steps, trace: trace), sandbox: sandbox)
    let result = await match.play()
    guard result.status == .success, result.totalSteps == steps, result.recording?.frames == steps,
      result.agentResults.allSatisfy({ $0.errors == 0 })
    else { throw BenchmarkError("the match did not go as it should: \(result.errorMessage ?? "no message")") }
    trace.waited = result.recording?.waitedSeconds ?? 0
    return trace
  }
}
