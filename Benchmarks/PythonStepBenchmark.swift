internal import AgentSandbox

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
  private static let loopFile = "Benchmarks/in_process_loop.py"

  func run(into report: inout BenchmarkReport) async throws {
    let interpreter: PythonInterpreter
    do {
      interpreter = try await PythonMatch.interpreter(python, files: [Self.agentFile, Self.loopFile], needsArena: true)
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
      let match = PythonMatch(
        steps: steps,
        agents: [Self.agent, Self.agent],
        interpreter: interpreter,
        sandbox: sandbox
      )
      let trace = try await match.play(in: folder)
      ours.append(StepTimes(instants: trace.playedAt, skipping: Self.warmUp))
    }
    let rate = median(ours.map(\.rate))
    report.add("step.python2.p50", median(ours.map(\.p50)) / 1000, "us")
    report.add("step.python2.p99", median(ours.map(\.p99)) / 1000, "us")
    report.add("step.python2.rate", rate, "1/s")
    report.add("step.python_in_process.rate", median(others), "1/s")
    report.addRatio("step.python2.rate_vs_in_process", rate / median(others))
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
}
