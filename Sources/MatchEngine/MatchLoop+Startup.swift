internal import AgentProtocol
internal import ArenaCore
internal import ArenaSystem

extension MatchLoop {
  /// Waits until every agent has connected and loaded, or has failed to.
  mutating func awaitAgents() {
    let begun = now
    let deadline = MonotonicClock.instant(begun, plus: spec.limits.startupTimeout)
    let due = plan.verdictBy.map { monotonic(unixSeconds: $0) } ?? StepDeadline.never
    while end == nil, let waitedFor = players.indices.first(where: { !players[$0].isReady && !players[$0].isGone }) {
      takeIn(until: min(deadline, due), includesIdle: true)
      if now >= due, due < deadline, end == nil {
        let state = startupState(of: waitedFor)
        end = .timeout("the verdict was due before the match began: \(spec.agents[waitedFor].agentID) \(state) by then")
      }
      guard now >= deadline, end == nil else { continue }
      for index in players.indices where !players[index].isReady && !players[index].isGone {
        fault(index, .startup, "\(startupState(of: index)) within \(spec.limits.startupTimeout.inSeconds) s")
      }
    }
    for index in players.indices { players[index].listener?.close() }
    guard end == nil else { return }
    let failed = players.indices.filter { players[$0].isGone }
    if let first = failed.first, failed.count == players.count || spec.policy.startupFaultIsError {
      end = .error(
        failed.count == players.count
          ? "no agent started; \(spec.agents[first].agentID) \(players[first].failure?.message ?? "failed")"
          : "agent \(spec.agents[first].agentID) did not start"
      )
    }
  }

  /// Waits until every agent has reset itself for game `number`.
  mutating func resetAgents(_ number: Int) {
    let sequence = UInt64(number + 1)
    for index in players.indices where players[index].link.isOpen {
      players[index].isReady = false
      players[index].conversation.beginReset(sequence)
      let reset = ResetPayload(game: number, playerID: seats[index])
      send(ControlFrame.encode(.reset, sequence: sequence, reset), to: index)
    }
    let deadline = min(MonotonicClock.instant(now, plus: spec.limits.startupTimeout), matchDeadline)
    while end == nil, players.contains(where: { !$0.isReady && !$0.isGone }) {
      takeIn(until: deadline, includesIdle: true)
      guard now >= deadline, end == nil else { continue }
      if now >= matchDeadline { return endByTimeout() }
      for index in players.indices where !players[index].isReady && !players[index].isGone {
        fault(index, .startup, "did not reset itself within \(spec.limits.startupTimeout.inSeconds) s")
      }
    }
  }

  /// Answers an agent's introduction.
  mutating func welcome(_ index: Int, _ hello: HelloPayload) {
    guard players[index].conversation.phase == .greeting, players[index].link.isOpen else { return }
    guard hello.protocolVersions.contains(ProtocolLimits.version) else {
      return violate(index, .noCommonVersion(hello.protocolVersions))
    }
    let welcome = WelcomePayload(
      environment: game.name,
      seats: game.seats,
      observation: game.observation,
      action: game.action,
      actionMaskSize: game.actionMaskSize,
      maxPayload: maxPayload,
      startupTimeoutNanoseconds: spec.limits.startupTimeout.nanoseconds,
      stepTimeoutNanoseconds: spec.limits.stepTimeout?.nanoseconds ?? 0,
      timeBankNanoseconds: spec.limits.timeBank.nanoseconds,
      games: spec.games,
      playerID: index
    )
    let frame = ControlFrame.encode(.welcome, welcome)
    let limit = hello.maxPayload ?? ProtocolLimits.defaultAgentPayload
    let needed = max(observePayloadSize, frame.count - FrameHeader.size)
    guard needed <= limit else {
      return fault(index, .startup, "accepts payloads of \(limit) bytes; the game's have up to \(needed)")
    }
    players[index].conversation.welcome()
    send(frame, to: index)
  }

  /// What an agent said with its `ready` was read.
  mutating func becomeReady(_ index: Int) {
    guard !players[index].isGone else { return }
    players[index].isReady = true
    if players[index].startupTime == nil { players[index].startupTime = now - startedListeningAt }
  }

  private func startupState(of index: Int) -> String {
    guard players[index].link.isOpen else { return "did not connect" }
    return switch players[index].conversation.phase {
    case .awaitingHello, .greeting: "connected but did not introduce itself"
    default: "did not become ready"
    }
  }

  /// An instant of the realtime clock on the monotonic one.
  func monotonic(unixSeconds: Double) -> Int64 {
    guard let duration = Duration(inSeconds: unixSeconds) else { return StepDeadline.never }
    return duration.nanoseconds - wallOffset
  }
}
