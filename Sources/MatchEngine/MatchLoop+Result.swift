internal import AgentProtocol
internal import ArenaCore
internal import ArenaSystem

extension MatchLoop {
  /// Tells the agents how the game ended, and keeps its result.
  mutating func finishGame(_ result: inout GameResult) {
    result.steps = step
    result.scores = players.indices.map { score(of: $0) }
    result.forfeits = players.indices.filter { !players[$0].isPlaying }.map { spec.agents[$0].agentID }
    if end != nil { result.ending = .aborted }
    let isDecided = result.ending != .aborted
    let winner =
      isDecided
      ? SeriesVerdict.winner(scores: result.scores, forfeited: players.map { !$0.isPlaying }) : nil
    result.winnerAgentID = winner.map { spec.agents[$0].agentID }
    for index in players.indices { players[index].totalScore += result.scores[index] }
    recordGameEnd(result, winner: winner, reason: result.ending.rawValue)
    results.append(result)
    let isFinal = if case .void = end { !mayBeginAnew } else { end != nil || gameNumber == spec.games - 1 }
    for index in players.indices where players[index].link.isOpen {
      let outcome: FinishPayload.Outcome =
        if !isDecided { .none } else if let winner { winner == index ? .win : .loss } else { .draw }
      let finish = FinishPayload(
        game: gameNumber,
        final: isFinal,
        outcome: outcome,
        score: result.scores[index],
        reward: players[index].rewardSinceObservation
      )
      send(ControlFrame.encode(.finish, sequence: UInt64(gameNumber + 1), finish), to: index)
    }
  }

  /// The result of the whole match; ends all connections and the recording.
  mutating func conclude() -> MatchResult {
    let endedAt = MonotonicClock.now()
    for index in players.indices { players[index].link.close() }
    var result = MatchResult(
      matchID: spec.matchID,
      environment: game.name,
      status: .success,
      agentResults: [],
      seed: seed.value
    )
    result.agentResults = players.indices.map { agentResult($0) }
    result.games = results
    result.totalSteps = totalSteps
    result.voids = voids
    result.platform = watch.report()
    if let firstGameAt {
      result.startedAt = Double(wall(firstGameAt)) / 1e9
      result.executionTimeSeconds = Double(endedAt - firstGameAt) / 1e9
    }
    switch end {
    case nil:
      let winners = results.map { game in
        game.winnerAgentID.flatMap { id in spec.agents.firstIndex { $0.agentID == id } }
      }
      let winner = SeriesVerdict.winner(ofGames: winners, totals: players.map(\.totalScore))
      result.winnerAgentID = winner.map { spec.agents[$0].agentID }
      result.errorMessage = forfeitMessage(result.agentResults)
    case .timeout(let message): (result.status, result.errorMessage) = (.timeout, message)
    case .cancelled(let message): (result.status, result.errorMessage) = (.cancelled, message)
    case .error(let message), .void(let message): (result.status, result.errorMessage) = (.error, message)
    }
    result.recording = closeRecorder(metadata: [
      "result": [
        "status": result.status.rawValue, "winner_agent_id": result.winnerAgentID ?? "",
        "total_steps": "\(result.totalSteps)", "seed": "\(seed.value)", "json": Provenance.json(result),
      ]
    ])
    return result
  }

  private func forfeitMessage(_ agents: [AgentResult]) -> String? {
    let messages = agents.filter(\.forfeited).map { "\($0.agentID) forfeited: it \($0.failure?.message ?? "left")" }
    return messages.isEmpty ? nil : messages.joined(separator: "; ")
  }

  private func agentResult(_ index: Int) -> AgentResult {
    players[index].countThoughts()
    let player = players[index]
    var result = AgentResult(agentID: spec.agents[index].agentID)
    result.score = player.totalScore
    result.errors = player.ledger.total
    result.faults = player.ledger.byName
    result.forfeited = player.forfeits > 0 || player.isGone
    result.cpuTimeSeconds = player.cpuTime > 0 ? Double(player.cpuTime) / 1e9 : nil
    result.startupTimeSeconds = player.startupTime.map { Double($0) / 1e9 }
    result.droppedAnswers.late = player.lateAnswers
    result.droppedAnswers.duplicate = player.duplicateAnswers
    if player.thinkTimes.totalCount > 0 {
      result.thinkTime.count = Int(player.thinkTimes.totalCount)
      result.thinkTime.p50Seconds = Double(player.thinkTimes.valueAtPercentile(50)) / 1e9
      result.thinkTime.p99Seconds = Double(player.thinkTimes.valueAtPercentile(99)) / 1e9
    }
    result.thinkTime.maxSeconds = Double(player.maxThought) / 1e9
    result.thinkTime.totalSeconds = Double(player.totalThought) / 1e9
    result.failure = failureReport(index)
    result.errorMessage = result.failure.map { "it \($0.message)" }
    return result
  }

  private func failureReport(_ index: Int) -> FailureReport? {
    guard let failure = players[index].failure else { return nil }
    var report = FailureReport(kind: failure.kind, message: failure.message)
    if let complaint = signals.inbox.complaint(agent: index, fault: failure.number) {
      report.message += ": \(complaint.message)"
      report.traceback = complaint.traceback
    }
    report.game = failure.game
    report.step = failure.step
    report.lastObservationStep = players[index].lastObservationStep
    report.lastBytes = failure.newestBytes
    report.platformStall = failure.duringStall ? true : nil
    report.logTail = signals.inbox.logTail(agent: index)
    if let process = plan.processReport?(index, failure.kind) {
      report.outOfMemory = process.ranOutOfMemory ? true : nil
      if !process.logTail.isEmpty { report.logTail = process.logTail }
      // After other faults the process lived until the match let it go, and how it ended then says nothing.
      if failure.kind == .disconnected || failure.kind == .startup {
        report.exitStatus = process.exitStatus.map(Int.init)
        report.signal = process.signal.map(Int.init)
        report.message += "; its process \(process.ending)"
      }
    }
    return report
  }
}
