internal import AgentProtocol
internal import ArenaCore

extension MatchLoop {
  /// Sends a frame off the step path.
  mutating func send(_ frame: [UInt8], to index: Int) {
    guard players[index].link.isOpen else { return }
    // What the agent does not read now waits; it holds nobody up, and its own deadline runs.
    if players[index].link.queue(frame) == .closed { lost(index) }
    watchWriting(index)
  }

  mutating func handleFrames(_ index: Int) {
    do throws(ProtocolViolation) {
      while players[index].link.isOpen {
        let limit = players[index].conversation.isWelcomed ? maxPayload : ProtocolLimits.controlPayload
        guard let header = try players[index].link.nextHeader(maxPayload: limit) else { return }
        let reception = try players[index].conversation.receive(header)
        let payload = players[index].link.payload(of: header)
        players[index].link.consume(header)
        try handle(reception, from: index, payload)
      }
    } catch {
      violate(index, error)
    }
  }

  private mutating func handle(
    _ reception: Conversation.Reception,
    from index: Int,
    _ payload: UnsafeRawBufferPointer
  ) throws(ProtocolViolation) {
    switch reception {
    case .action:
      takeAction(index, payload)
    case .failure(let kind):
      stopClock(index)
      fault(index, kind.fault, kind == .exception ? "raised an exception" : "returned something that is no action")
      readComplaint(index, payload)
    case .late(let sequence):
      players[index].lateAnswers += 1
      if let missed = players[index].missedDeadlines.take(sequence) {
        lateAnswers.append(LateAnswer(seat: seats[index], step: missed.step, delay: max(0, now - missed.deadline)))
      }
    case .duplicate:
      players[index].duplicateAnswers += 1
    case .note:
      guard players[index].note.append(payload) else { throw .badPayload(.note, "is not UTF-8") }
    case .lateNote:
      break
    case .log:
      signals.inbox.readLog(agent: index, payload)
    case .hello:
      signals.inbox.readHello(agent: index, payload)
    case .loaded, .reset:
      signals.inbox.readReady(agent: index, payload)
    case .resetRaised:
      players[index].isReady = true
      fault(index, .exception, "raised an exception in reset()")
      readComplaint(index, payload)
    case .loadFailed:
      // Its words come before the consequence, which closes the link and with it the payload.
      signals.inbox.readComplaint(
        agent: index,
        fault: players[index].faultNumber + 1,
        isKept: players[index].failure?.isForfeit != true,
        payload
      )
      fault(index, .startup, "could not be loaded")
    }
  }

  /// Has the agent's own words about its newest fault read.
  private func readComplaint(_ index: Int, _ payload: UnsafeRawBufferPointer) {
    let number = players[index].faultNumber
    signals.inbox.readComplaint(
      agent: index,
      fault: number,
      isKept: players[index].failure?.number == number,
      payload
    )
  }

  /// The agent's socket closed.
  mutating func lost(_ index: Int) {
    guard !players[index].isGone else { return }
    switch players[index].conversation.phase {
    case .awaitingHello, .greeting, .loading: fault(index, .startup, "closed its connection before it was ready")
    case .idle, .resetting, .playing: fault(index, .disconnected, "closed its connection")
    }
  }

  /// The agent broke the protocol.
  mutating func violate(_ index: Int, _ violation: ProtocolViolation) {
    guard !players[index].isGone, players[index].link.isOpen else { return }
    let message = ErrorPayload(message: "protocol: the agent \(violation)")
    _ = players[index].link.queue(ControlFrame.encode(.error, message))
    fault(index, .protocol, violation.description)
  }

  // MARK: - The bytes of one player

  /// The observation in the outgoing frame of `index`.
  func observation(of index: Int) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(mutating: players[index].observation)
  }

  /// The legal-action mask in the outgoing frame of `index`; no bytes where the game has none.
  func mask(of index: Int) -> UnsafeMutableRawBufferPointer {
    let start = ObservePayload.observationOffset + observationSize
    return UnsafeMutableRawBufferPointer(rebasing: players[index].frame[start..<start + maskSize])
  }

  /// The action of `index` in this step.
  func actionBytes(of index: Int) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(
      start: actions.baseAddress.unsafelyUnwrapped + seats[index] * actionSize,
      count: actionSize
    )
  }
}
