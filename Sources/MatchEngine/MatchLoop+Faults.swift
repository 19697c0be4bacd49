internal import ArenaCore

extension MatchLoop {
  /// Counts a fault of agent `index` and does what follows from it.
  ///
  /// - Parameter message: a sentence whose subject is the agent.
  mutating func fault(_ index: Int, _ kind: FaultKind, _ message: String, duringStall: Bool = false) {
    guard !players[index].isGone else { return }
    players[index].faultNumber += 1
    players[index].fault = kind
    players[index].faultMessage = message
    players[index].isFaultDuringStall = duringStall
    var consequence = players[index].ledger.record(kind, duringStall: duringStall)
    if consequence == .void, spec.policy[kind] != .void, voids >= spec.policy.maxVoids {
      // A stall may void a match only so often; then its timeouts count like any other.
      consequence = players[index].ledger.isExhausted ? .forfeit : spec.policy[kind]
    }
    let isForfeit = consequence == .forfeit
    keep(
      Player.Failure(
        kind: kind,
        message: message,
        number: players[index].faultNumber,
        game: firstGameAt == nil ? nil : gameNumber,
        step: firstGameAt == nil ? nil : step,
        newestBytes: players[index].link.newestBytes(limit: 64),
        duringStall: duringStall,
        isForfeit: isForfeit
      ),
      of: index
    )
    switch consequence {
    case .fallback: break
    case .forfeit: forfeit(index)
    case .void: if end == nil { end = .void("agent \(spec.agents[index].agentID) \(message)") }
    }
    // After these there is nobody left who could play on, whatever the policy says.
    switch kind {
    case .protocol, .disconnected, .startup: leave(index)
    case .timeout, .invalidAction, .exception: break
    }
  }

  private mutating func keep(_ failure: Player.Failure, of index: Int) {
    if let known = players[index].failure, known.isForfeit || !failure.isForfeit { return }
    players[index].failure = failure
  }

  private mutating func forfeit(_ index: Int) {
    guard !players[index].hasForfeitedGame else { return }
    players[index].hasForfeitedGame = true
    players[index].forfeits += 1
    judgeForfeits()
    stopWaiting(for: index)
  }

  private mutating func leave(_ index: Int) {
    players[index].isGone = true
    judgeForfeits()
    players[index].isReady = false
    stopWaiting(for: index)
    players[index].link.close()
    players[index].listener?.close()
  }

  /// Nothing more is expected of `index` in this step.
  mutating func stopWaiting(for index: Int) {
    players[index].conversation.giveUp()
    guard players[index].wait != .none else { return }
    players[index].wait = .none
    awaited -= 1
  }

  /// Finds out whether forfeits leave nothing to play for: one of two is out, or all are.
  mutating func judgeForfeits() {
    var playing = 0
    for index in players.indices where players[index].isPlaying { playing += 1 }
    isDecidedByForfeit = playing == 0 || (players.count == 2 && playing == 1)
  }

  mutating func endByTimeout() {
    guard end == nil else { return }
    let limit = spec.limits.matchTimeout.map { "the match's limit of \($0.inSeconds) s passed" }
    let reason = isVerdictDueFirst ? "the verdict was due" : limit ?? "the match's time passed"
    end = .timeout("\(reason) in game \(gameNumber) after \(step) steps")
  }
}
