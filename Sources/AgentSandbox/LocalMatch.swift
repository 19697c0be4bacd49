public import ArenaCore
internal import ArenaSystem
public import Environments
public import MatchEngine
public import Replay

/// A match on this machine: every agent a process of its own, in a sandbox, connected to the orchestrator's engine.
public final class LocalMatch: Sendable {
  /// What plays in a seat.
  public enum Entrant: Sendable, Equatable {
    /// A process.
    case program(AgentProgram)
    /// An agent of the engine itself.
    case builtIn(BuiltInAgent)
    /// Nothing that could be started: the agent's own fault, for the reason given.
    case unusable(reason: String)

    /// Whether it is a process.
    var isProgram: Bool { if case .program = self { true } else { false } }
  }

  /// What a match on this machine needs beside its rules.
  public struct Plan: Sendable {
    /// What to play.
    public var spec: MatchSpec
    /// Who plays, in the order of the spec's agents.
    public var entrants: [Entrant]
    /// Runs Python agents; needed where there is one.
    public var interpreter: PythonInterpreter?
    /// Path of `rl_arena_agent.py`; needed where there is a Python agent.
    public var hostFile: String?
    /// Folder for what agents print.
    public var logDirectory: String
    /// The replay's file; nil for none.
    public var replayPath: String?
    /// How the replay is written.
    public var replayOptions = ReplayOptions.standard
    /// Seconds since 1970 by which the verdict must be in; nil where nobody waits that way.
    public var verdictBy: Double?

    /// A plan.
    public init(
      spec: MatchSpec,
      entrants: [Entrant],
      interpreter: PythonInterpreter?,
      hostFile: String?,
      logDirectory: String,
      replayPath: String?
    ) {
      self.spec = spec
      self.entrants = entrants
      self.interpreter = interpreter
      self.hostFile = hostFile
      self.logDirectory = logDirectory
      self.replayPath = replayPath
    }
  }

  private let plan: Plan
  private let sandbox: AgentSandbox
  private let folders: SeatFolders
  private let match: Match
  /// The processors of each seat's agent; nil where there are too few for all.
  private let processors: [[Int]]?
  private let agents = RunningAgents()

  /// Prepares the match: makes the seats' folders and listens on their sockets. No agent runs yet.
  ///
  /// - Throws: `SandboxError` or `SystemFailure` if this machine has no place for the sockets.
  public init(_ plan: Plan, environment: sending any Environment, sandbox: AgentSandbox) throws {
    precondition(plan.entrants.count == plan.spec.agents.count)
    self.plan = plan
    self.sandbox = sandbox
    let folders = try SeatFolders(seatCount: plan.entrants.count)
    self.folders = folders
    let agents = agents
    let sources = plan.entrants.enumerated().map { seat, entrant -> SeatSource in
      switch entrant {
      case .program, .unusable: .socket(path: folders.socketPath(seat: seat))
      case .builtIn(let agent): .builtIn(agent)
      }
    }
    let programs = plan.entrants.indices.filter { plan.entrants[$0].isProgram }
    var processors: [[Int]]?
    let shares = ProcessorShares(agents: programs.count, threads: sandbox.limits.threadCount)
    if let shares {
      var bySeat = plan.entrants.map { _ in [Int]() }
      for (number, seat) in programs.enumerated() { bySeat[seat] = shares.agents[number] }
      processors = bySeat
    }
    self.processors = processors
    let provenance = Provenance.metadata(of: plan.spec, game: environment.spec)
    var matchPlan = MatchPlan(
      spec: plan.spec,
      sources: sources,
      replayPath: plan.replayPath,
      provenance: provenance,
      processReport: { seat, kind in agents.report(of: seat, hasLeft: kind == .disconnected || kind == .startup) }
    )
    matchPlan.replayOptions = plan.replayOptions
    matchPlan.verdictBy = plan.verdictBy
    matchPlan.processors = shares?.match
    matchPlan.sharesProcessor = shares?.matchSharesWithAgent == true
    match = try Match(matchPlan, environment: environment)
  }

  /// How far the match has come.
  public var progress: MatchProgress { match.progress }

  /// Calls the match off.
  public func cancel(_ reason: String) { match.cancel(reason) }

  /// Starts the agents, plays, and ends them; nothing of them is left when it returns.
  public func play() async -> MatchResult {
    async let result = match.play()
    await withTaskGroup(of: Void.self) { group in
      for (seat, entrant) in plan.entrants.enumerated() {
        switch entrant {
        case .program(let program): group.addTask { await self.start(program, seat: seat) }
        case .unusable(let reason): match.agentUnusable(seat, reason: reason)
        case .builtIn: break
        }
      }
    }
    let played = await result
    await endAgents()
    folders.remove()
    return played
  }

  private func start(_ program: AgentProgram, seat: Int) async {
    do {
      let agent = try await sandbox.start(
        AgentLaunch(
          name: Self.logName(seat: seat, agentID: plan.spec.agents[seat].agentID),
          program: program,
          interpreter: plan.interpreter,
          hostFile: plan.hostFile,
          socketPath: folders.socketPath(seat: seat),
          logDirectory: plan.logDirectory,
          startupTimeout: plan.spec.limits.startupTimeout,
          processors: processors?[seat],
          otherPrograms: others(than: seat)
        )
      )
      agents.add(agent, seat: seat)
      Task { [match] in
        let report = await agent.waitUntilEnd()
        if let failure = report.launchFailure {
          match.agentNotStarted(seat, reason: failure)
        } else {
          match.agentExited(seat)
        }
      }
    } catch {
      match.agentNotStarted(seat, reason: "\(error)")
    }
  }

  /// Stem of the names of an agent's two logs: `agent1-random`, or `agent1` where the agent's name cannot be part of a file's name.
  public static func logName(seat: Int, agentID: String) -> String {
    MatchSpec.isUsableName(agentID) ? "agent\(seat + 1)-\(agentID)" : "agent\(seat + 1)"
  }

  private func others(than seat: Int) -> [AgentProgram] {
    plan.entrants.enumerated().compactMap { other, entrant in
      guard other != seat, case .program(let program) = entrant else { return nil }
      return program
    }
  }

  /// Agents that were told the match is over have a moment to leave by themselves.
  private func endAgents() async {
    let running = agents.all
    for agent in running { agent.terminate(grace: .milliseconds(500)) }
    for agent in running { _ = await agent.waitUntilEnd() }
  }
}
