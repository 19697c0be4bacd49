internal import AgentProtocol

/// One agent's side of the protocol as a state machine: which frame may come now, and what it means.
///
/// It does no I/O and knows no time. `docs/PROTOCOL.md` section 4 has the rules.
struct Conversation: Sendable {
  /// Where the conversation stands.
  enum Phase: Equatable, Sendable {
    /// Connected, or not even that; `hello` must come.
    case awaitingHello
    /// `hello` has come and is being read; nothing may come until `welcome` was sent.
    case greeting
    /// Welcomed; `ready` must come.
    case loading
    /// Loaded; no game begun.
    case idle
    /// Sent `reset` with this sequence; `ready` with the same must come.
    case resetting(UInt64)
    /// In a game.
    case playing
  }

  /// What a frame means.
  enum Reception: Equatable, Sendable {
    /// The agent introduces itself.
    case hello
    /// It has loaded.
    case loaded
    /// It could not be loaded.
    case loadFailed
    /// It has reset itself.
    case reset
    /// Its `reset()` raised; it counts as ready.
    case resetRaised
    /// The action for the newest observation.
    case action
    /// The answer to the newest observation, but no action.
    case failure(AgentErrorKind)
    /// An answer to the observation with this sequence, after its deadline.
    case late(UInt64)
    /// A second answer.
    case duplicate
    /// A line for the log.
    case log
    /// Something to record with the step that is being answered.
    case note
    /// A note that came too late for its step.
    case lateNote
  }

  private(set) var phase = Phase.awaitingHello
  /// The newest observation; 0 before the first.
  private(set) var newestSequence: UInt64 = 0
  /// The first observation whose answer may still come late.
  private var oldestOwed: UInt64 = 0
  /// Whether the newest observation waits for its answer.
  private(set) var isAwaitingAnswer = false
  /// Whether the newest observation was given up.
  private var newestGivenUp = false
  /// Observations that were given up and whose answers may still come.
  private var owedAnswers = 0
  /// Answers beyond those that are owed which came since the newest observation.
  private var extraAnswers = 0
  /// Whether a second answer to the observation before the newest may still come.
  private var isSecondAnswerUnderWay = false
  private var controlBytes = 0

  /// Whether the agent knows the match's limits.
  var isWelcomed: Bool {
    switch phase {
    case .awaitingHello, .greeting: false
    case .loading, .idle, .resetting, .playing: true
    }
  }

  /// The agent was welcomed and loads.
  mutating func welcome() {
    phase = .loading
    controlBytes = 0
  }

  /// The agent is sent `reset` with `sequence`.
  mutating func beginReset(_ sequence: UInt64) {
    phase = .resetting(sequence)
    isAwaitingAnswer = false
    allowAnew()
  }

  /// The agent is sent an observation; returns its sequence.
  mutating func beginStep() -> UInt64 {
    newestSequence += 1
    isAwaitingAnswer = true
    newestGivenUp = false
    allowAnew()
    return newestSequence
  }

  /// Takes the `act` with `sequence` if it is the one that is awaited: what nearly every frame of a match is, decided at once.
  /// Of any other frame `receive` knows what it means.
  @inline(__always)
  mutating func takeAwaitedAct(_ sequence: UInt64) -> Bool {
    guard isAwaitingAnswer, sequence == newestSequence, phase == .playing else { return false }
    isAwaitingAnswer = false
    oldestOwed = sequence + 1
    return true
  }

  /// The newest observation's answer is no longer waited for.
  mutating func giveUp() {
    guard isAwaitingAnswer else { return }
    isAwaitingAnswer = false
    newestGivenUp = true
    if owedAnswers == 0 { oldestOwed = newestSequence }
    owedAnswers += 1
  }

  private mutating func allowAnew() {
    // A second answer may still be on its way when the next observation goes out: it counts to the step that it answers.
    isSecondAnswerUnderWay = extraAnswers == 0
    extraAnswers = 0
    controlBytes = 0
  }

  /// What may come now, for the author of an agent that sent something else.
  private var expectation: String {
    switch phase {
    case .awaitingHello: "hello"
    case .greeting: "nothing before welcome"
    case .loading: "ready"
    case .idle: "nothing before reset"
    case .resetting(let sequence): "ready with sequence \(sequence)"
    case .playing: "act, error, log or note"
    }
  }

  /// Takes the next frame from the agent.
  ///
  /// - Throws: `ProtocolViolation` if the frame makes no sense now.
  mutating func receive(_ header: FrameHeader) throws(ProtocolViolation) -> Reception {
    if header.kind == .error || header.kind == .log || header.kind == .note {
      controlBytes += FrameHeader.size + Int(header.length)
      guard controlBytes <= ProtocolLimits.controlBytesPerStep else {
        throw .flood("over \(ProtocolLimits.controlBytesPerStep) bytes of log, error and note frames")
      }
    }
    switch phase {
    case .awaitingHello:
      guard header.kind == .hello else { throw .unexpected(header.kind, expected: expectation) }
      phase = .greeting
      return .hello
    case .greeting:
      throw .unexpected(header.kind, expected: expectation)
    case .loading:
      return try receiveWhileLoading(header)
    case .resetting(let sequence):
      return try receiveWhileResetting(header, sequence)
    case .idle, .playing:
      return try receiveAnswer(header)
    }
  }

  private mutating func receiveWhileLoading(_ header: FrameHeader) throws(ProtocolViolation) -> Reception {
    switch header.kind {
    case .ready where header.sequence == 0:
      phase = .idle
      return .loaded
    case .error where header.flags == AgentErrorKind.startup.rawValue: return .loadFailed
    case .log: return .log
    default: throw .unexpected(header.kind, expected: expectation)
    }
  }

  private mutating func receiveWhileResetting(
    _ header: FrameHeader,
    _ sequence: UInt64
  ) throws(ProtocolViolation) -> Reception {
    switch header.kind {
    case .ready where header.sequence == sequence:
      phase = .playing
      return .reset
    case .error
    where header.flags == AgentErrorKind.exception.rawValue && header.sequence == sequence
      && !mayAnswerObservation(sequence):
      phase = .playing
      return .resetRaised
    case .error where header.flags == AgentErrorKind.startup.rawValue: return .loadFailed
    default: return try receiveAnswer(header)
    }
  }

  /// Whether an `error` with `sequence` may be the late answer to the observation of that number rather than to a reset.
  ///
  /// Agents answer in order and may leave out what was overtaken: what lies behind a newer answer does not come any more.
  private func mayAnswerObservation(_ sequence: UInt64) -> Bool {
    owedAnswers > 0 && sequence >= oldestOwed && sequence <= newestSequence
  }

  private mutating func receiveAnswer(_ header: FrameHeader) throws(ProtocolViolation) -> Reception {
    switch header.kind {
    case .log:
      return .log
    case .note:
      return try receiveNote(header)
    case .act, .error:
      guard header.sequence > 0 else { throw .unexpected(header.kind, expected: "a sequence from 1") }
      guard header.sequence <= newestSequence else {
        throw .futureSequence(header.sequence, newest: newestSequence)
      }
      if header.sequence == newestSequence, isAwaitingAnswer { return try answer(header) }
      let isOwed = owedAnswers > 0 && (header.sequence < newestSequence || newestGivenUp)
      if isOwed {
        owedAnswers -= 1
        oldestOwed = max(oldestOwed, header.sequence + 1)
        if header.sequence == newestSequence { newestGivenUp = false }
        return .late(header.sequence)
      }
      if isSecondAnswerUnderWay, header.sequence + 1 == newestSequence {
        isSecondAnswerUnderWay = false
        return .duplicate
      }
      extraAnswers += 1
      guard extraAnswers <= ProtocolLimits.extraAnswersPerStep else {
        throw .flood("\(extraAnswers) answers beyond those that are owed")
      }
      return .duplicate
    case .hello, .welcome, .ready, .reset, .observe, .finish:
      throw .unexpected(header.kind, expected: expectation)
    }
  }

  private func receiveNote(_ header: FrameHeader) throws(ProtocolViolation) -> Reception {
    guard header.sequence > 0 else { throw .unexpected(.note, expected: "a sequence from 1") }
    guard header.sequence <= newestSequence else { throw .futureSequence(header.sequence, newest: newestSequence) }
    guard header.length <= ProtocolLimits.noteBytes else {
      throw .oversized(.note, length: Int(header.length), limit: ProtocolLimits.noteBytes)
    }
    return header.sequence == newestSequence && isAwaitingAnswer ? .note : .lateNote
  }

  private mutating func answer(_ header: FrameHeader) throws(ProtocolViolation) -> Reception {
    isAwaitingAnswer = false
    oldestOwed = header.sequence + 1
    guard header.kind == .error, let kind = AgentErrorKind(rawValue: header.flags) else { return .action }
    guard kind != .startup else { throw .unexpected(.error, expected: "flags 1 or 2") }
    return .failure(kind)
  }
}
