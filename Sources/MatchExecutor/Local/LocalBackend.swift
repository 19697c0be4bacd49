internal import AgentSandbox
internal import ArenaCore
internal import ArenaSystem
internal import Environments
public import Logging
internal import MatchEngine
internal import Replay
internal import Synchronization

/// Plays matches on this machine, a bounded number at a time, each agent a process in a sandbox of its own.
public final class LocalBackend: MatchBackend {
  private struct State {
    var queue = MatchQueue()
    var running: [String: RunningMatch] = [:]
  }

  /// The matches that are known.
  public let matches: MatchTable

  let options: LocalOptions
  let files: LocalFiles
  private let agents: LocalAgents
  private let sandbox: AgentSandbox
  private let interpreter: PythonInterpreter
  private let hostFile: String
  private let logger: Logger
  private let state = Mutex(State())

  /// How often those who watch a match learn how it stands.
  private static let standingInterval = Duration.milliseconds(500)
  private static let drained = MatchRefusal.unavailable("the executor is shutting down; ask again, or another one")

  /// Finds out what this machine offers.
  ///
  /// - Throws: `FieldError` if there is no usable Python or a limit cannot be held, `SandboxError` if the sandbox that was asked for
  ///   cannot be used or the agent host is missing.
  public init(_ options: LocalOptions, logger: Logger) async throws {
    let name = "rl_arena_agent.py"
    guard let hostFile = ProgramFiles.python(name) else {
      throw SandboxError("\(name) is neither beside the program nor in share/rl-arena")
    }
    self.hostFile = hostFile
    self.options = options
    self.logger = logger
    files = LocalFiles(root: options.replayRoot)
    agents = LocalAgents(archiveLimits: options.archiveLimits, temporaryFolder: options.temporaryFolder)
    sandbox = try await AgentSandbox(options.sandbox, limits: options.agentLimits(2))
    interpreter = try await PythonInterpreter.discover(override: options.python)
    matches = MatchTable(capacity: options.mostPlayed + options.mostQueued, retention: options.resultRetention)
    RuntimeFolder.removeAbandoned(in: options.temporaryFolder)
  }

  /// Sentences for the log about how agents are run on this machine, each without its full stop.
  public var notes: [String] {
    ["Python \(interpreter.version) runs agents, \(sandbox.summary)"] + sandbox.unenforced
  }

  // MARK: - What callers ask for

  /// Takes a match, or finds it again.
  public func submit(_ match: AcceptedMatch, callerDeadline: Double?) async throws -> MatchWait {
    // What was taken before is found again whatever has become of its agents' files.
    if matches.record(match.spec.matchID) == nil {
      var errors = await BlockingWork.value { [agents] in agents.errors(of: match) }
      if match.resources.gpus != nil {
        errors.append(
          FieldError(field: "resources.gpu", given: "not 0", allowed: "0: matches on this machine have none")
        )
      }
      do throws(FieldError) {
        _ = try sandbox.limited(to: limits(match))
      } catch {
        errors.append(FieldError(field: "resources", given: error.description, allowed: "what this machine can hold"))
      }
      guard errors.isEmpty else { throw MatchRefusal.invalid(errors) }
    }
    let (wait, isNew) = try matches.enlist(match, callerDeadline: callerDeadline)
    if isNew {
      logger.info(
        "match taken",
        metadata: [
          "match_id": "\(match.spec.matchID)", "environment": "\(match.spec.environment)",
          "agents": "\(match.spec.agents.map(\.agentID).joined(separator: ","))",
        ]
      )
      state.withLock { $0.queue.append(match) }
      beginWaiting()
    }
    return wait
  }

  /// All matches of this executor are in `matches`.
  public func find(_ matchID: String) async throws {}

  /// Calls a match off.
  public func cancel(_ matchID: String, reason: String) async throws {
    guard matches.record(matchID) != nil else { throw MatchRefusal.unknownMatch(matchID) }
    while let record = matches.record(matchID), record.finished == nil {
      let (queued, running) = state.withLock { ($0.queue.remove(matchID), $0.running[matchID]) }
      if let queued {
        matches.finish(matchID, FinishedMatch(Self.result(of: queued.spec, .cancelled, reason), attempts: 0))
      } else if let running {
        running.cancel(reason)
        for await _ in matches.changes(of: matchID) {}
        break
      } else {
        // It was taken this moment, and is about to be queued.
        await Task.yield()
      }
    }
    try Task.checkCancellation()
  }

  /// Runs `body`, during which those who watch learn twice a second how the match stands.
  public func whileWatched(_ matchID: String, _ body: @Sendable () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { [matches] in
        while !Task.isCancelled {
          try? await Task.sleep(for: Self.standingInterval)
          matches.touch(matchID)
        }
      }
      defer { group.cancelAll() }
      try await body()
    }
  }

  /// Lets matches end within `patience`, then calls the rest off.
  public func drain(within patience: Duration) async {
    matches.close(Self.drained)
    let (running, queued) = matches.load
    logger.info(
      "no new matches",
      metadata: ["running": .stringConvertible(running), "queued": .stringConvertible(queued)]
    )
    await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await Task.sleep(for: patience) }
      group.addTask { [matches] in await matches.waitUntilIdle() }
      await group.next()
      group.cancelAll()
    }
    // Callers are told first: the result of a match that is called off here is not one that they should keep.
    matches.giveUp(Self.drained)
    let reason = "the executor is shutting down"
    let (queue, left) = state.withLock { ($0.queue.removeAll(), Array($0.running.values)) }
    for match in queue {
      matches.finish(match.spec.matchID, FinishedMatch(Self.result(of: match.spec, .cancelled, reason), attempts: 0))
    }
    for match in left { match.cancel(reason) }
    await matches.waitUntilIdle()
  }

  // MARK: - Playing

  /// Begins matches for as long as there are places and matches.
  private func beginWaiting() {
    while true {
      let next = state.withLock { state -> (AcceptedMatch, RunningMatch)? in
        guard state.running.count < options.mostPlayed, let match = state.queue.popFirst() else { return nil }
        let running = RunningMatch()
        state.running[match.spec.matchID] = running
        return (match, running)
      }
      guard let (match, running) = next else { return }
      Task.detached { [self] in
        let finished = await play(match, running)
        matches.finish(match.spec.matchID, finished)
        state.withLock { $0.running[match.spec.matchID] = nil }
        beginWaiting()
      }
    }
  }

  private func play(_ match: AcceptedMatch, _ running: RunningMatch) async -> FinishedMatch {
    let id = match.spec.matchID
    matches.advance(id, to: .scheduled)
    var spec = match.spec
    spec.seed = spec.seed ?? MatchSeed.drawn().value
    let log: MatchLog
    var result: MatchResult
    do throws(SystemFailure) {
      try files.makeFolders(id)
      log = MatchLog(path: files.log(id), matchID: id, beside: logger)
    } catch {
      logger.error("the match cannot begin", metadata: ["match_id": "\(id)", "reason": "\(error)"])
      return FinishedMatch(Self.result(of: spec, .error, "the match cannot begin: \(error)"))
    }
    do {
      result = try await play(spec, match, running, log.logger)
    } catch {
      result = Self.result(of: spec, .error, "the match cannot begin: \(error)")
    }
    log.logger.info(
      "the match is over",
      metadata: [
        "status": "\(result.status.rawValue)", "winner_agent_id": "\(result.winnerAgentID ?? "")",
        "total_steps": .stringConvertible(result.totalSteps), "error_message": "\(result.errorMessage ?? "")",
      ]
    )
    return FinishedMatch(result)
  }

  private func play(
    _ spec: MatchSpec,
    _ match: AcceptedMatch,
    _ running: RunningMatch,
    _ logger: Logger
  ) async throws -> MatchResult {
    let id = spec.matchID
    let environment = try EnvironmentRegistry.standard.make(
      spec.environment,
      configuration: spec.environmentConfiguration
    )
    // Unpacked archives live as long as this folder does.
    let (entrants, folder) = try await BlockingWork.value { [agents] in try agents.entrants(match.sources) }
    defer { folder?.remove() }
    matches.pulled(id)
    if let reason = running.cancelReason { return Self.result(of: spec, .cancelled, reason) }
    let replay = spec.recordReplay ? files.replay(id) : nil
    let callersDeadline = matches.callersDeadline(id)
    var plan = LocalMatch.Plan(
      spec: spec,
      entrants: entrants,
      interpreter: interpreter,
      hostFile: hostFile,
      logDirectory: files.logFolder(id),
      replayPath: replay?.path(.mcap)
    )
    plan.replayOptions = options.replayOptions
    plan.verdictBy = callersDeadline.map { CallerDeadline.verdictBy($0, now: RealtimeClock.seconds) }
    let local = try LocalMatch(plan, environment: environment, sandbox: sandbox.limited(to: limits(match)))
    running.attach(local)
    matches.provideStanding(id) { [progress = local.progress] in
      progress.game < 0
        ? nil : MatchStanding(game: progress.game, totalSteps: progress.totalSteps, scores: progress.scores)
    }
    matches.advance(id, to: .running)
    logger.info("the match begins", metadata: ["seed": "\(spec.seed ?? 0)"])
    var result = await local.play()
    if let replay {
      let exportBy = min(
        RealtimeClock.seconds + options.exportTimeout.inSeconds,
        callersDeadline.map { CallerDeadline.exportBy($0) } ?? .infinity
      )
      result = await publish(result, replay, by: exportBy, running)
      for (form, reason) in (result.recording?.exportErrors ?? [:]).sorted(by: { $0.key < $1.key }) {
        logger.warning("a form of the replay is missing", metadata: ["form": "\(form)", "reason": "\(reason)"])
      }
    }
    return result
  }

  /// The result with the replay's other forms, which take a while to write.
  private func publish(
    _ result: MatchResult,
    _ replay: ReplayFiles,
    by deadline: Double,
    _ running: RunningMatch
  ) async -> MatchResult {
    let publication = ReplayPublication(replay, forms: options.replayForms)
    return await BlockingWork.value {
      var result = result
      publication.complete(&result) {
        if let reason = running.cancelReason { return reason }
        return RealtimeClock.seconds > deadline ? "there was no more time" : nil
      }
      return result
    }
  }

  private func limits(_ match: AcceptedMatch) -> SandboxLimits {
    var limits = options.agentLimits(match.spec.agents.count)
    if let cpuCount = match.resources.cpuCount { limits.cpuCount = cpuCount }
    if let memoryBytes = match.resources.memoryBytes { limits.memoryBytes = memoryBytes }
    return limits
  }

  /// The result of a match that was not played.
  private static func result(of spec: MatchSpec, _ status: MatchStatus, _ message: String) -> MatchResult {
    var result = MatchResult(
      matchID: spec.matchID,
      environment: spec.environment,
      status: status,
      agentResults: spec.agents.map { AgentResult(agentID: $0.agentID) },
      seed: spec.seed ?? 0
    )
    result.errorMessage = message
    return result
  }
}
