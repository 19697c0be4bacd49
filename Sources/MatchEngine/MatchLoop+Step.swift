internal import AgentProtocol
internal import ArenaCore
internal import ArenaSystem
internal import Environments
internal import Replay

/// The step: all that is run while nothing goes wrong.
///
/// It is together in one file, and its parts are inlined, so that it lies on few pages of memory. Where an agent shares the processor,
/// it and the loop take turns twice in a step, and each time the loop must find its pages again.
extension MatchLoop {
  /// Plays steps until the game is over.
  mutating func playSteps() throws(EnvironmentFailure) -> GameResult.Ending {
    while true {
      if signals.isCancelled { end = .cancelled(signals.cancelReason) }
      guard end == nil else { return .aborted }
      waitForRecorder()
      sendObservations()
      recordStep()
      if isAnyUnreachable { loseUnreachable() }
      if hasBuiltInAgents { answerWithoutAsking() }
      awaitAnswers()
      guard end == nil else { return .aborted }
      if isDecidedByForfeit { return .forfeit }
      if actionsTaken < players.count { fallBack() }
      let outcome = try playStep()
      if outcome.isOver { return outcome.terminated ? .terminated : .truncated }
    }
  }

  /// Hands every acting seat its observation.
  @inline(__always)
  private mutating func sendObservations() {
    watch.beginStep()
    actionsTaken = 0
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
  mutating func sendObservation(_ index: Int) {
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

  @inline(__always)
  mutating func awaitAnswer(_ index: Int) {
    players[index].wait = .answer
    if expectsAnswersAtOnce { players[index].isReadable = true }
    players[index].sentAt = now
    players[index].deadline = players[index].budget.deadline(from: now)
  }

  /// Waits until every acting seat has answered or run out of time.
  @inline(__always)
  private mutating func awaitAnswers() {
    if awaited == 0 { return notePassingTime() }
    let askedAt = now
    while awaited > 0, end == nil {
      var earliest = matchDeadline
      for index in players.indices where players[index].wait != .none {
        earliest = min(earliest, players[index].deadline)
      }
      takeIn(until: earliest)
      if awaited > 0, let change = wakePolicy.stepGoesOn(after: now - askedAt) { wake(change) }
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
    if let change = wakePolicy.stepEnded(after: now - askedAt) { wake(change) }
    if end != nil {
      for index in players.indices { stopWaiting(for: index) }
    }
  }

  /// Nobody was asked in this step, so no answer has brought the clock's reading with it.
  private mutating func notePassingTime() {
    now = MonotonicClock.now()
    if now >= matchDeadline { endByTimeout() }
  }

  private func wake(_ change: WakePolicy.Change) {
    switch change {
    case .atOnce: ThreadScheduling.wakeAtOnce()
    case .inTurn: ThreadScheduling.wakeInTurn()
    }
  }

  /// Takes in what came while nobody wanted to hear of it, such as a second answer; whether there was anything.
  mutating func takeInWhatWaits(_ includesIdle: Bool) -> Bool {
    var isAny = false
    for index in players.indices
    where players[index].isReadable && players[index].link.isOpen && (includesIdle || players[index].wait != .none) {
      if !isAny { now = MonotonicClock.now() }
      isAny = true
      receive(index)
    }
    return isAny
  }

  /// Takes what has arrived from an agent.
  mutating func receive(_ index: Int) {
    switch players[index].link.receive() {
    case .nothing:
      players[index].isReadable = false
      expectsAnswersAtOnce = false
    case .closed:
      players[index].isReadable = false
      lost(index)
    case .bytes(let isAll):
      // Of the end of a connection no other event tells.
      players[index].isReadable = !isAll || players[index].isHungUp
      if !takeAwaitedAct(index) { handleFrames(index) }
    }
  }

  /// The common case: the awaited `act`, whole, and nothing else. False if anything else came, which is then still there.
  @inline(__always)
  private mutating func takeAwaitedAct(_ index: Int) -> Bool {
    let player = players.baseAddress.unsafelyUnwrapped + index
    let act = player.pointee.link.takeLoneFrame(actHeaderWord, size: actFrameSize) { sequence in
      player.pointee.conversation.takeAwaitedAct(sequence)
    }
    guard let act else { return false }
    takeAction(index, act)
    return true
  }

  /// The answer to the newest observation has arrived.
  mutating func takeAction(_ index: Int, _ payload: UnsafeRawBufferPointer) {
    stopClock(index)
    guard payload.count == ActPayload.prefixSize + actionSize else {
      let allowed = ActPayload.prefixSize + actionSize
      return fault(index, .invalidAction, "sent an act of \(payload.count) bytes; \(allowed) are right")
    }
    players[index].cpuTime = max(players[index].cpuTime, ActPayload.cpuTimeNanoseconds(payload.bytes))
    let action = UnsafeRawBufferPointer(rebasing: payload[ActPayload.prefixSize...])
    if let legalActions, maskSize == 0 {
      let value = action.bytes.integer(at: 0, as: Int64.self)
      if legalActions.contains(value) {
        actions.storeBytes(of: value.littleEndian, toByteOffset: seats[index] * actionSize, as: Int64.self)
        return countAction(index)
      }
    }
    if let problem = checker.problem(with: action.bytes, mask: mask(of: index).bytes) {
      return fault(index, .invalidAction, "sent an action that cannot be played: the action \(problem)")
    }
    actionBytes(of: index).copyMemory(from: action)
    countAction(index)
  }

  /// The agent `index` has given its action for this step.
  @inline(__always)
  mutating func countAction(_ index: Int) {
    players[index].hasAction = true
    actionsTaken += 1
  }

  mutating func stopClock(_ index: Int) {
    guard players[index].wait != .none else { return }
    let thought = max(0, now - players[index].sentAt)
    players[index].recordThought(thought)
    players[index].budget.charge(thought)
    players[index].wait = .none
    awaited -= 1
  }

  /// Whether the seat of agent `index` acts in this step.
  mutating func acts(_ index: Int) -> Bool { isSimultaneous || environment.acts(seats[index]) }

  /// Lets the environment play the step, and hands out what came of it.
  @inline(__always)
  private mutating func playStep() throws(EnvironmentFailure) -> StepOutcome {
    keepMasks()
    if !isSimultaneous {
      for index in players.indices { players[index].actedInUnrecordedStep = acts(index) }
    }
    for seat in rewards.indices { rewards[seat] = 0 }
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

  /// Has the environment write all observations, and the masks of those who act next, into the outgoing frames.
  mutating func writeObservations() {
    for index in players.indices {
      var bytes = observation(of: index).mutableBytes
      environment.writeObservation(for: seats[index], into: &bytes)
      if maskSize > 0, acts(index) {
        var mask = mask(of: index).mutableBytes
        environment.writeActionMask(for: seats[index], into: &mask)
      }
    }
  }

  @inline(__always)
  private mutating func keepMasks() {
    guard maskSize > 0 else { return }
    for index in players.indices {
      let start = seats[index] * maskSize
      UnsafeMutableRawBufferPointer(rebasing: masks[start..<start + maskSize])
        .copyMemory(from: UnsafeRawBufferPointer(mask(of: index)))
    }
  }

  /// Waits until the recording has room for another frame. No seat's clock runs.
  private mutating func waitForRecorder() {
    guard let stepRecorder, stepRecorder._withUnsafeGuaranteedRef({ $0.isFull }) else { return }
    recordingWait += stepRecorder._withUnsafeGuaranteedRef { $0.waitForRoom() }
    now = MonotonicClock.now()
  }

  /// Records the newest step, if it is not recorded yet. It is called while the agents think about the next one.
  mutating func recordStep() {
    guard let outcome = unrecorded else { return }
    unrecorded = nil
    if let stepRecorder {
      stepRecorder._withUnsafeGuaranteedRef { recorder in
        recorder.beginFrame(
          step: step,
          game: gameNumber,
          timeNanoseconds: wall(unrecordedAt),
          terminated: outcome.terminated,
          truncated: outcome.truncated
        )
        for seat in agents.indices { record(seat, in: recorder) }
        if isMoreRecorded { recordMore(in: recorder) }
        recorder.endFrame()
      }
    }
    lateAnswers.removeAll(keepingCapacity: true)
    for index in players.indices {
      if players[index].fault != nil { players[index].forgetFault() }
      players[index].thought = 0
      players[index].note.clear()
    }
  }

  private mutating func record(_ seat: Int, in recorder: ReplayWriter) {
    let index = agents[seat]
    let acted = players[index].actedInUnrecordedStep
    var recorded = RecordedSeat(
      observation: players[index].observation,
      action: acted ? UnsafeRawBufferPointer(actionBytes(of: index)) : UnsafeRawBufferPointer(start: nil, count: 0),
      reward: rewards[seat],
      thinkTimeNanoseconds: UInt64(players[index].thought)
    )
    recorded.acted = acted
    recorded.forfeited = !players[index].isPlaying
    if maskSize > 0 || players[index].fault != nil || !players[index].note.isEmpty {
      recordWithDetails(&recorded, index, in: recorder)
    } else {
      recorder.addSeat(recorded)
    }
  }
}
