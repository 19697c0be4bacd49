internal import ArenaCore
internal import Environments
internal import MatchEngine

/// A match of pong between two native agents, recorded in full.
struct NativeMatch {
  /// Steps to play.
  var steps: Int
  /// Which agent never answers.
  var silentAgent: Int?
  /// Limits other than the defaults.
  var limits = MatchLimits()
  /// Decides the serves.
  var seed: UInt64 = 7

  /// Plays it and returns when its steps were played; its replay is `benchmark.mcap` in `folder`.
  func play(in folder: ScratchFolder) async throws -> StepTrace {
    let sockets = [folder.file("ours-0.sock"), folder.file("ours-1.sock")]
    let trace = StepTrace(capacity: steps)
    var policy = FaultPolicy()
    policy.maxFaults = 0
    let spec = try MatchSpec(
      matchID: "benchmark",
      environment: Pong.name,
      agents: [AgentSpec(agentID: "first"), AgentSpec(agentID: "second")],
      limits: limits,
      policy: policy,
      seed: seed
    )
    let environment = try TracedPong(steps: steps, trace: trace)
    let plan = MatchPlan(
      spec: spec,
      sources: sockets.map { .socket(path: $0, uid: nil, mode: 0o600) },
      replayPath: folder.file("benchmark.mcap"),
      provenance: Provenance.metadata(of: spec, game: environment.spec)
    )
    let match = try Match(plan, environment: environment)
    let agents = try ChildProcess.nativeAgents(sockets, silent: silentAgent)
    let result = await match.play()
    for agent in agents { try agent.finish() }
    guard result.status == .success, result.totalSteps == steps, result.recording?.frames == steps else {
      throw BenchmarkError("the match did not go as it should: \(result.errorMessage ?? "no message")")
    }
    trace.waited = result.recording?.waitedSeconds ?? 0
    return trace
  }
}
