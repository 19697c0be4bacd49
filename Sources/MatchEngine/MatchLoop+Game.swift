internal import AgentProtocol
internal import ArenaCore
internal import ArenaSystem
internal import Environments

extension MatchLoop {
  /// Plays game `number`, from the reset to the agents' `finish`.
  mutating func playGame(_ number: Int) {
    gameNumber = number
    step = 0
    for seat in agents.indices {
      let index = (seat + number) % agents.count
      agents[seat] = index
      seats[index] = seat
    }
    for index in players.indices {
      players[index].ledger.beginGame()
      players[index].budget.beginGame()
      players[index].hasForfeitedGame = false
      players[index].gameReward = 0
      players[index].rewardSinceObservation = 0
      players[index].wait = .none
      // A fault that ended the game before has no frame: its step was never played. One of start-up ends the first.
      if number > 0 || voids > 0 { players[index].forgetFault() }
      players[index].thought = 0
      players[index].note.clear()
      players[index].missedDeadlines.clear()
    }
    lateAnswers.removeAll()
    judgeForfeits()
    let gameSeed = seed.environment(game: number)
    var result = GameResult(game: number, seed: gameSeed, seats: agents.map { spec.agents[$0].agentID })
    if firstGameAt == nil {
      firstGameAt = now
      matchDeadline = MonotonicClock.instant(now, plus: spec.limits.matchTimeout)
      let due = plan.verdictBy.map { monotonic(unixSeconds: $0) } ?? StepDeadline.never
      isVerdictDueFirst = due < matchDeadline
      matchDeadline = min(matchDeadline, due)
    }
    progress.begin(game: number, agents: players.count)

    do throws(EnvironmentFailure) {
      if !isDecidedByForfeit { resetAgents(number) }
      if end == nil, !isDecidedByForfeit {
        for index in players.indices { clearObservation(of: index) }
        try environment.reset(seed: gameSeed)
        writeObservations()
        recordGameStart(seed: gameSeed, isPlayed: true)
        result.ending = try playSteps()
        result.info = environment.info()
      } else if end == nil {
        recordGameStart(seed: gameSeed, isPlayed: false)
        result.ending = .forfeit
      }
    } catch {
      if end == nil { end = .error("the environment failed in game \(number) after \(step) steps: \(error)") }
    }
    recordStep()
    finishGame(&result)
  }

  /// Those who were gone when their observation was sent. They are lost in this step: the frame before is recorded by now.
  mutating func loseUnreachable() {
    guard isAnyUnreachable else { return }
    isAnyUnreachable = false
    for index in players.indices where players[index].isUnreachable {
      players[index].isUnreachable = false
      lost(index)
    }
  }

  mutating func awaitReading(_ index: Int) {
    watchWriting(index)
    guard players[index].wait != .writing else { return }
    players[index].wait = .writing
    players[index].sentAt = now
    players[index].deadline = MonotonicClock.instant(now, plus: spec.limits.writeTimeout)
  }

  /// The agent reads again: sends what is left.
  mutating func continueSending(_ index: Int) {
    let outcome = players[index].link.flush()
    watchWriting(index)
    switch outcome {
    case .blocked: return
    case .closed: lost(index)
    case .sent:
      guard players[index].wait == .writing else { return }
      if players[index].isFrameHeldBack {
        sendObservation(index)
        return loseUnreachable()
      }
      now = MonotonicClock.now()
      awaitAnswer(index)
    }
  }

  /// Plays for built-in agents while the others think.
  mutating func answerWithoutAsking() {
    for index in players.indices where acts(index) {
      if players[index].isPlaying, case .builtIn(let agent) = players[index].source {
        let mask = mask(of: index)
        switch agent {
        case .random:
          var action = actionBytes(of: index).mutableBytes
          sampler.draw(into: &action, mask: mask.bytes, using: &players[index].generator)
        case .noop: playFallback(index)
        }
        countAction(index)
      }
    }
  }

  /// The time of `index` is over.
  mutating func runOut(_ index: Int) {
    let isStalled = watch.isStepStalled
    if isStalled { watch.countTimeoutDuringStall() }
    let waited = now - players[index].sentAt
    players[index].thought = waited
    players[index].totalThought += waited
    let isUnread = players[index].wait == .writing
    if !isUnread {
      players[index].budget.charge(waited)
      players[index].missedDeadlines.add(
        MissedDeadlines.Missed(
          sequence: players[index].conversation.newestSequence,
          step: step + 1,
          deadline: players[index].deadline
        )
      )
    }
    stopWaiting(for: index)
    fault(
      index,
      .timeout,
      isUnread
        ? "did not read its observation within \(spec.limits.writeTimeout.inSeconds) s"
        : "did not answer within \(seconds(players[index].deadline - players[index].sentAt)) s",
      duringStall: isStalled
    )
  }

  /// Plays the fallback action for every acting seat without an action.
  mutating func fallBack() {
    for index in players.indices where acts(index) && !players[index].hasAction { playFallback(index) }
  }

  mutating func playFallback(_ index: Int) {
    let action = actionBytes(of: index)
    let mask = mask(of: index)
    if let noOp = game.noOp, checker.problem(with: noOp.span.bytes, mask: mask.bytes) == nil {
      action.copyBytes(from: noOp)
    } else {
      var bytes = action.mutableBytes
      sampler.draw(into: &bytes, mask: mask.bytes, using: &players[index].fallbackGenerator)
    }
  }

  /// The score of agent `index` in this game.
  mutating func score(of index: Int) -> Double { environment.score(of: seats[index]) ?? players[index].gameReward }

  /// A game finds nothing of the one before: not every game writes every byte.
  private func clearObservation(of index: Int) {
    for bytes in [observation(of: index), mask(of: index), actionBytes(of: index)] {
      bytes.initializeMemory(as: UInt8.self, repeating: 0)
    }
  }

  /// Nanoseconds as seconds with at most three decimals.
  private func seconds(_ nanoseconds: Int64) -> Double { Double(nanoseconds / 1_000_000) / 1000 }
}
