internal import ArenaCore

/// Puts what is known about matches into the API's messages.
enum ResponseBuilder {
  /// The answer about a match that is over.
  static func response(_ finished: FinishedMatch, _ timings: PhaseTimings?) -> Executor_MatchResponse {
    let result = finished.result
    var response = Executor_MatchResponse()
    response.matchID = result.matchID
    response.status = status(result.status)
    response.winnerAgentID = result.winnerAgentID ?? ""
    response.agentResults = result.agentResults.enumerated().map { index, agent in
      let digest = index < finished.imageDigests.count ? finished.imageDigests[index] : nil
      return agentResult(agent, digest: digest)
    }
    response.replayURL = result.replayURL ?? ""
    response.errorMessage = result.errorMessage ?? ""
    response.totalSteps = UInt32(clamping: result.totalSteps)
    response.executionTimeSec = result.executionTimeSeconds
    response.replayHtmlURL = result.replayHTMLURL ?? ""
    response.seed = result.seed
    response.games = result.games.map(game)
    if let timings { response.timings = phaseTimings(timings) }
    if let recording = result.recording { response.recording = self.recording(recording, url: result.replayMCAPURL) }
    response.voids = UInt32(clamping: result.voids)
    response.timeoutsDuringStalls = UInt32(clamping: result.platform.timeoutsDuringStalls)
    response.version = result.version
    response.node = finished.node ?? ""
    response.attempts = UInt32(clamping: finished.attempts)
    return response
  }

  /// A match as it is now.
  static func match(_ record: MatchRecord) -> Executor_Match {
    var match = Executor_Match()
    match.matchID = record.matchID
    match.environment = record.environment
    match.agentIds = record.agentIDs
    match.phase = phase(record.phase)
    match.timings = phaseTimings(record.timings)
    if let standing = record.standing { match.progress = progress(standing) }
    if let finished = record.finished { match.response = response(finished, record.timings) }
    return match
  }

  /// A match for a list: its response says what came of it, without details.
  static func summary(_ record: MatchRecord) -> Executor_Match {
    var match = match(record)
    guard match.hasResponse else { return match }
    match.response.games = []
    for index in match.response.agentResults.indices {
      match.response.agentResults[index].clearFailure()
      match.response.agentResults[index].clearThinkTime()
    }
    return match
  }

  /// Something that has happened to a match.
  static func event(_ record: MatchRecord, _ phase: MatchPhase, at time: Double) -> Executor_MatchEvent {
    var event = Executor_MatchEvent()
    event.matchID = record.matchID
    event.phase = self.phase(phase)
    event.time = time
    if phase == record.phase { event.message = record.message }
    if phase == .running, let standing = record.standing { event.progress = progress(standing) }
    if phase == .finished, let finished = record.finished { event.response = response(finished, record.timings) }
    return event
  }

  /// A phase in the API's terms.
  static func phase(_ phase: MatchPhase) -> Executor_MatchPhase {
    switch phase {
    case .queued: .phaseQueued
    case .scheduled: .phaseScheduled
    case .pulling: .phasePulling
    case .running: .phaseRunning
    case .finished: .phaseFinished
    }
  }

  private static func status(_ status: MatchStatus) -> Executor_MatchStatus {
    switch status {
    case .success: .statusSuccess
    case .timeout: .statusTimeout
    case .error: .statusError
    case .cancelled: .statusCancelled
    }
  }

  private static func agentResult(_ agent: AgentResult, digest: String?) -> Executor_AgentResult {
    var result = Executor_AgentResult()
    result.agentID = agent.agentID
    result.score = agent.score
    result.errors = UInt32(clamping: agent.errors)
    result.errorMessage = agent.errorMessage ?? ""
    result.faults = agent.faults.mapValues { UInt32(clamping: $0) }
    result.forfeited = agent.forfeited
    if agent.thinkTime.count > 0 {
      result.thinkTime.count = UInt64(clamping: agent.thinkTime.count)
      result.thinkTime.p50Sec = agent.thinkTime.p50Seconds
      result.thinkTime.p99Sec = agent.thinkTime.p99Seconds
      result.thinkTime.maxSec = agent.thinkTime.maxSeconds
      result.thinkTime.totalSec = agent.thinkTime.totalSeconds
    }
    if let time = agent.cpuTimeSeconds { result.cpuTimeSec = time }
    if let time = agent.startupTimeSeconds { result.startupTimeSec = time }
    if let failure = agent.failure { result.failure = self.failure(failure) }
    result.imageDigest = digest ?? ""
    return result
  }

  private static func failure(_ report: FailureReport) -> Executor_Failure {
    var failure = Executor_Failure()
    failure.kind = report.kind.rawValue
    failure.message = report.message
    failure.traceback = report.traceback ?? ""
    if let game = report.game { failure.game = UInt32(clamping: game) }
    if let step = report.step { failure.step = UInt32(clamping: step) }
    if let status = report.exitStatus { failure.exitStatus = Int32(clamping: status) }
    if let signal = report.signal { failure.signal = Int32(clamping: signal) }
    failure.outOfMemory = report.outOfMemory ?? false
    failure.logTail = report.logTail ?? ""
    failure.lastBytes = report.lastBytes ?? ""
    failure.platformStall = report.platformStall ?? false
    return failure
  }

  private static func game(_ game: GameResult) -> Executor_GameResult {
    var result = Executor_GameResult()
    result.game = UInt32(clamping: game.game)
    result.seed = game.seed
    result.seats = game.seats
    result.scores = game.scores
    result.winnerAgentID = game.winnerAgentID ?? ""
    result.steps = UInt32(clamping: game.steps)
    result.ending = game.ending.rawValue
    result.forfeits = game.forfeits
    return result
  }

  private static func recording(_ recording: RecordingResult, url: String?) -> Executor_Recording {
    var result = Executor_Recording()
    result.url = url ?? ""
    result.frames = UInt64(clamping: recording.frames)
    result.bytes = UInt64(clamping: recording.bytes)
    result.sha256 = recording.sha256 ?? ""
    result.endedBecause = recording.endedBecause ?? ""
    result.waitedSec = recording.waitedSeconds
    result.exportErrors = recording.exportErrors ?? [:]
    return result
  }

  private static func phaseTimings(_ timings: PhaseTimings) -> Executor_PhaseTimings {
    var result = Executor_PhaseTimings()
    result.queued = timings.queued
    result.scheduled = timings.scheduled ?? 0
    result.pulled = timings.pulled ?? 0
    result.started = timings.started ?? 0
    result.finished = timings.finished ?? 0
    return result
  }

  private static func progress(_ standing: MatchStanding) -> Executor_Progress {
    var progress = Executor_Progress()
    progress.game = UInt32(clamping: standing.game)
    progress.totalSteps = UInt64(clamping: standing.totalSteps)
    progress.scores = standing.scores
    return progress
  }
}
