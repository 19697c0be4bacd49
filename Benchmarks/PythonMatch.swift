internal import AgentSandbox
internal import ArenaCore
internal import Environments
internal import Glibc
internal import MatchEngine

/// A match of pong between two Python agents in their sandbox, recorded in full.
struct PythonMatch {
  /// Steps to play.
  var steps: Int
  /// The agents' folders or files.
  var agents: [String]
  /// What runs them.
  var interpreter: PythonInterpreter
  /// Where they run.
  var sandbox: AgentSandbox
  /// Decides the serves.
  var seed: UInt64 = 7

  private static let hostFile = "sdk/python/rl_arena_agent.py"

  /// The Python for such matches: the one that `override` names, else `.venv/bin/python3` if there is one, else `python3`.
  ///
  /// - Parameters:
  ///   - files: what must be there beside the agent host, as paths from the repository's folder.
  ///   - needsArena: whether it must have the `rl-arena` package.
  /// - Throws: an error that says what is missing.
  static func interpreter(
    _ override: String?,
    files: [String],
    needsArena: Bool = false
  ) async throws -> PythonInterpreter {
    for file in [hostFile] + files where access(file, R_OK) != 0 {
      throw BenchmarkError("\(file) is missing: run this in the repository's folder")
    }
    let environment = ".venv/bin/python3"
    let interpreter = try await PythonInterpreter.discover(
      override: override ?? (access(environment, X_OK) == 0 ? environment : nil)
    )
    guard needsArena else { return interpreter }
    let probe = try ChildProcess(
      [interpreter.executable, "-c", "import importlib.util as i; print(bool(i.find_spec('rl_arena')))"],
      keepsOutput: true
    )
    guard try probe.finish().hasPrefix("True") else {
      throw BenchmarkError("\(interpreter.executable) has no rl-arena: pip install rl-arena==0.1.2")
    }
    return interpreter
  }

  /// Plays it and returns when its steps were played; its replay is `benchmark.mcap` in `folder`.
  func play(in folder: ScratchFolder) async throws -> StepTrace {
    let trace = StepTrace(capacity: steps)
    let spec = try MatchSpec(
      matchID: "benchmark",
      environment: Pong.name,
      agents: [AgentSpec(agentID: "first"), AgentSpec(agentID: "second")],
      seed: seed
    )
    for agent in spec.agents.indices {
      for stream in ["stdout", "stderr"] {
        _ = folder.file("agent\(agent + 1)-\(spec.agents[agent].agentID).\(stream).log")
      }
    }
    let plan = LocalMatch.Plan(
      spec: spec,
      entrants: agents.map { .program(.python(path: $0)) },
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
