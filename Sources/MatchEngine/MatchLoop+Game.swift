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
      // A fault that ended the game before has no frame: its step was never played.
      players[index].fault = nil
      players[index].isFaultDuringStall = false
      players[index].thought = 0
    }
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
        recordGameStart(seed: gameSeed)
        result.ending = try playSteps()
        result.info = environment.info()
      } else if end == nil {
        recordGameStart(seed: gameSeed)
        result.ending = .forfeit
      }
    } catch {
      if end == nil { end = .error("the environment failed in game \(number) after \(step) steps: \(error)") }
    }
    recordStep()
    finishGame(&result)
  }

  /// Plays steps until the game is over.
  private mutating func playSteps() throws(EnvironmentFailure) -> GameResult.Ending {
    while true {
      if signals.isCancelled { end = .cancelled(signals.cancelReason) }
      guard end == nil else { return .aborted }
      waitForRecorder()
      sendObservations()
      recordStep()
      loseUnreachable()
      answerWithoutAsking()
      awaitAnswers()
      guard end == nil else { return .aborted }
      if isDecidedByForfeit { return .forfeit }
      fallBack()
      let outcome = try playStep()
      if outcome.isOver { return outcome.terminated ? .terminated : .truncated }
    }
  }

  /// Hands every acting seat its observation.
  private mutating func sendObservations() {
    watch.beginStep()
    for index in players.indices {
      players[index].hasAction = false
      guard players[index].isPlaying, players[index].link.isOpen, acts(index) else { continue }
      let sequence = players[index].conversation.beginStep()
      let prefix = ObservePayload(
        reward: players[index].rewardSinceObservation,
        stepTimeoutNanoseconds: UInt64(players[index].budget.stepTimeout ?? 0),
        timeBankNanoseconds: UInt64(players[index].budget.bank),
        step: UInt32(truncatingIfNeeded: step),
        game: UInt32(gameNumber)
      )
      let buffer = players[index].frame
      var frame = buffer.mutableBytes
      prefix.write(to: &frame, sequence: sequence, payloadSize: observePayloadSize)
      players[index].lastObservationStep = step
      sendObservation(index)
    }
  }

  /// Sends the frame that is prepared for `index`, or begins to.
  private mutating func sendObservation(_ index: Int) {
    awaited += players[index].wait == .none ? 1 : 0
    guard !players[index].link.hasUnsentBytes else {
      // An earlier frame still waits to be read. This one follows it, if the agent reads in time.
      players[index].isFrameHeldBack = true
      return awaitReading(index)
    }
    players[index].isFrameHeldBack = false
    // Not before: the reward of a frame that is never begun goes out with the next one.
    players[index].rewardSinceObservation = 0
    switch players[index].link.send(UnsafeRawBufferPointer(players[index].frame)) {
    case .sent:
      now = MonotonicClock.now()
      awaitAnswer(index)
    case .blocked: awaitReading(index)
    case .closed:
      players[index].wait = .answer
      isAnyUnreachable = true
      players[index].isUnreachable = true
    }
  }

  /// Those who were gone when their observation was sent. They are lost in this step: the frame before is recorded by now.
  private mutating func loseUnreachable() {
    guard isAnyUnreachable else { return }
    isAnyUnreachable = false
    for index in players.indices where players[index].isUnreachable {
      players[index].isUnreachable = false
      lost(index)
    }
  }

  private mutating func awaitAnswer(_ index: Int) {
    players[index].wait = .answer
    players[index].sentAt = now
    players[index].deadline = players[index].budget.deadline(from: now)
  }

  private mutating func awaitReading(_ index: Int) {
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

  /// Plays for built-in agents, and for seats that nobody holds any more, while the others think.
  private mutating func answerWithoutAsking() {
    for index in players.indices where acts(index) {
      if players[index].isPlaying, case .builtIn(let agent) = players[index].source {
        let mask = mask(of: index)
        switch agent {
        case .random:
          var action = actionBytes(of: index).mutableBytes
          sampler.draw(into: &action, mask: mask.bytes, using: &players[index].generator)
        case .noop: playFallback(index)
        }
        players[index].hasAction = true
      }
    }
  }

  /// Waits until every acting seat has answered or run out of time.
  private mutating func awaitAnswers() {
    while awaited > 0, end == nil {
      var earliest = matchDeadline
      for index in players.indices where players[index].wait != .none {
        earliest = min(earliest, players[index].deadline)
      }
      takeIn(until: earliest)
      guard now >= earliest else { continue }
      // The loop may have stood still between hearing of nothing and looking at the clock: see what has come meanwhile.
      if watch.isStepStalled {
        for index in players.indices where players[index].wait == .answer { receive(index) }
      }
      if now >= matchDeadline { endByTimeout() }
      for index in players.indices where players[index].wait != .none && now >= players[index].deadline && end == nil {
        runOut(index)
      }
    }
    if end != nil {
      for index in players.indices { stopWaiting(for: index) }
    }
  }

  /// The time of `index` is over.
  private mutating func runOut(_ index: Int) {
    let isStalled = watch.isStepStalled
    if isStalled { watch.countTimeoutDuringStall() }
    let waited = now - players[index].sentAt
    players[index].thought = waited
    players[index].totalThought += waited
    let isUnread = players[index].wait == .writing
    if !isUnread { players[index].budget.charge(waited) }
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
  private mutating func fallBack() {
    for index in players.indices where acts(index) && !players[index].hasAction { playFallback(index) }
  }

  private mutating func playFallback(_ index: Int) {
    let action = actionBytes(of: index)
    let mask = mask(of: index)
    if let noOp = game.noOp, checker.problem(with: noOp.span.bytes, mask: mask.bytes) == nil {
      action.copyBytes(from: noOp)
    } else {
      var bytes = action.mutableBytes
      sampler.draw(into: &bytes, mask: mask.bytes, using: &players[index].fallbackGenerator)
    }
  }

  /// Whether the seat of agent `index` acts in this step.
  func acts(_ index: Int) -> Bool { game.isSimultaneous || environment.acts(seats[index]) }

  /// Lets the environment play the step, and hands out what came of it.
  private mutating func playStep() throws(EnvironmentFailure) -> StepOutcome {
    keepMasks()
    for index in players.indices { players[index].actedInUnrecordedStep = acts(index) }
    rewards.update(repeating: 0)
    var rewardSpan = rewards.mutableSpan
    let outcome = try environment.step(UnsafeRawBufferPointer(actions).bytes, rewards: &rewardSpan)
    step += 1
    totalSteps += 1
    progress.played(totalSteps: totalSteps)
    for index in players.indices {
      let reward = rewards[seats[index]]
      players[index].rewardSinceObservation += reward
      players[index].gameReward += reward
      if reward != 0 { progress.scored(score(of: index), agent: index) }
    }
    unrecorded = outcome
    unrecordedAt = now
    writeObservations()
    return outcome
  }

  /// The score of agent `index` in this game.
  func score(of index: Int) -> Double { environment.score(of: seats[index]) ?? players[index].gameReward }

  /// Has the environment write all observations, and the masks of those who act next, into the outgoing frames.
  private mutating func writeObservations() {
    for index in players.indices {
      var bytes = observation(of: index).mutableBytes
      environment.writeObservation(for: seats[index], into: &bytes)
      if maskSize > 0, acts(index) {
        var mask = mask(of: index).mutableBytes
        environment.writeActionMask(for: seats[index], into: &mask)
      }
    }
  }

  /// A game finds nothing of the one before: not every game writes every byte.
  private func clearObservation(of index: Int) {
    for bytes in [observation(of: index), mask(of: index), actionBytes(of: index)] {
      bytes.initializeMemory(as: UInt8.self, repeating: 0)
    }
  }

  private func keepMasks() {
    guard maskSize > 0 else { return }
    for index in players.indices {
      let start = seats[index] * maskSize
      UnsafeMutableRawBufferPointer(rebasing: masks[start..<start + maskSize])
        .copyMemory(from: UnsafeRawBufferPointer(mask(of: index)))
    }
  }

  /// Nanoseconds as seconds with at most three decimals.
  private func seconds(_ nanoseconds: Int64) -> Double { Double(nanoseconds / 1_000_000) / 1000 }
}
