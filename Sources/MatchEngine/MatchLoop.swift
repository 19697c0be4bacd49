internal import AgentProtocol
internal import ArenaCore
internal import ArenaSystem
internal import Environments
internal import Glibc
internal import Replay

/// Plays one match, on a thread of its own, from the first connection to the verdict.
///
/// This is the shell: it moves bytes, reads the clock and asks the environment. What a frame means is decided by
/// `Conversation`, what a fault leads to by `FaultLedger`, what time is left by `TimeBudget`, who won by `SeriesVerdict`.
/// A step allocates nothing and takes no lock. Instants are nanoseconds of the monotonic clock.
struct MatchLoop: ~Copyable {
  /// Why no more is played.
  enum End: Equatable {
    /// The match's limit passed.
    case timeout(String)
    /// Somebody called it off.
    case cancelled(String)
    /// The environment or the platform failed.
    case error(String)
    /// A fault makes it void.
    case void(String)
  }

  /// How often the loop looks at its own lateness while it waits.
  static let heartbeat: Int64 = 100_000_000

  let plan: MatchPlan
  let spec: MatchSpec
  let environment: any Environment
  let game: EnvironmentSpec
  let seed: MatchSeed
  let signals: MatchSignals
  /// The signals' own, without the way there: both are used in every step.
  let deadline: StepDeadline
  let progress: MatchProgress
  let checker: ActionChecker
  let sampler: ActionSampler
  /// Largest payload that agents may send.
  let maxPayload: Int
  // Bytes, as the game's spec has them: asking the spec in every step would copy its spaces' descriptions.
  let observationSize: Int
  let actionSize: Int
  let maskSize: Int
  /// Whether all seats act in every step.
  let isSimultaneous: Bool
  /// Whether some agents are played in process.
  let hasBuiltInAgents: Bool
  /// Bytes of an `act` frame in this game, and the first eight of its header.
  let actFrameSize: Int
  let actHeaderWord: UInt64
  /// The actions of a Discrete space; nil for any other.
  let legalActions: ClosedRange<Int64>?
  /// Bytes of an `observe` payload in this game.
  let observePayloadSize: Int

  /// One per agent, in the order of the request. Not an array: mutating an element of one asks each time whether the
  /// array is shared, and reading through one copies.
  let players: UnsafeMutableBufferPointer<Player>
  /// The agent in each seat, and the seat of each agent, in the game being played.
  var agents: [Int]
  var seats: [Int]

  /// One action per seat.
  let actions: UnsafeMutableRawBufferPointer
  /// One reward per seat, of the newest step.
  let rewards: UnsafeMutableBufferPointer<Double>
  /// The masks that the newest actions were held against, one per seat.
  let masks: UnsafeMutableRawBufferPointer
  /// The wake signal, listeners, players' connections.
  let ready: ReadinessSet

  var recorder: ReplayWriter? {
    didSet { stepRecorder = recorder.map(Unmanaged.passUnretained) }
  }
  /// The recorder again, for the step: what is done by this reference does not count references.
  private(set) var stepRecorder: Unmanaged<ReplayWriter>?
  var recordingWait = Duration.zero
  var watch: PlatformWatch
  var wakePolicy: WakePolicy

  /// The latest reading of the clock.
  var now: Int64
  /// The realtime clock less the monotonic one.
  let wallOffset: Int64
  var matchDeadline = StepDeadline.never
  /// Whether that deadline is when the verdict is due, rather than the match's own limit.
  var isVerdictDueFirst = false
  /// When agents were first listened for.
  let startedListeningAt: Int64
  var firstGameAt: Int64?

  var gameNumber = 0
  /// Steps of this game already played.
  var step = 0
  var totalSteps = 0
  /// Players whose answer to this step is awaited.
  var awaited = 0
  /// Whether the kernel had all answers to the step before when it was first asked. Those to this one are then fetched without
  /// asking, which is quicker than asking whether there is anything to fetch.
  var expectsAnswersAtOnce = false
  /// Seats whose agent has given an action for this step.
  var actionsTaken = 0
  /// Whether forfeits decide the game being played: nobody plays on, or one of two.
  var isDecidedByForfeit = false
  /// Whether an observation could not be sent because its agent is gone.
  var isAnyUnreachable = false
  /// Answers to earlier steps that came since the newest frame was recorded.
  var lateAnswers: [LateAnswer] = []
  /// The newest step's outcome, until it has been recorded.
  var unrecorded: StepOutcome?
  var unrecordedAt: Int64 = 0
  var end: End?
  var results: [GameResult] = []
  var voids = 0

  /// Prepares the match and listens on its agents' sockets. The set is empty, has room for an event of each socket and the
  /// wake signal, and belongs to the loop from here on.
  init(
    _ plan: MatchPlan,
    environment: any Environment,
    signals: MatchSignals,
    progress: MatchProgress,
    ready: ReadinessSet
  ) throws(SystemFailure) {
    self.ready = ready
    self.plan = plan
    spec = plan.spec
    self.environment = environment
    game = environment.spec
    seed = spec.seed.map(MatchSeed.init) ?? .drawn()
    self.signals = signals
    deadline = signals.deadline
    self.progress = progress
    checker = ActionChecker(game.action)
    sampler = ActionSampler(game.action)
    observationSize = game.observation.size
    actionSize = game.action.size
    maskSize = game.actionMaskSize
    isSimultaneous = game.isSimultaneous
    hasBuiltInAgents = plan.sources.contains { if case .builtIn = $0 { true } else { false } }
    actFrameSize = FrameHeader.size + ActPayload.prefixSize + actionSize
    actHeaderWord = FrameHeader(length: UInt32(ActPayload.prefixSize + actionSize), kind: .act).firstWord
    legalActions = checker.discreteActions
    observePayloadSize = ObservePayload.size(observation: observationSize, actionMask: maskSize)
    maxPayload = max(ProtocolLimits.controlPayload, ActPayload.prefixSize + actionSize)
    agents = Array(0..<game.seats)
    seats = agents
    actions = .allocate(byteCount: game.seats * actionSize, alignment: 16)
    actions.initializeMemory(as: UInt8.self, repeating: 0)
    rewards = .allocate(capacity: game.seats)
    rewards.initialize(repeating: 0)
    masks = .allocate(byteCount: max(1, game.seats * maskSize), alignment: 16)
    masks.initializeMemory(as: UInt8.self, repeating: 0)
    watch = PlatformWatch(threshold: spec.limits.stallThreshold)
    wakePolicy = WakePolicy(
      sharesProcessor: plan.sharesProcessor,
      stepTimeout: spec.limits.stepTimeout?.nanoseconds
    )
    now = MonotonicClock.now()
    startedListeningAt = now
    wallOffset = RealtimeClock.now() - now

    players = .allocate(capacity: plan.sources.count)
    for (index, source) in plan.sources.enumerated() {
      let player = Player(
        index: index,
        source: source,
        frameSize: FrameHeader.size + observePayloadSize,
        observationSize: observationSize,
        maxPayload: maxPayload,
        spec: spec,
        seed: seed
      )
      players.initializeElement(at: index, to: player)
    }
    ready.add(signals.wake.descriptor, as: .wake)
    for (index, source) in plan.sources.enumerated() {
      guard case .socket(let path, let uid, let mode) = source else { continue }
      do throws(SystemFailure) {
        let listener = try SeatListener(path: path, expectedUID: uid, mode: mode)
        players[index].listener = listener
        ready.add(listener.descriptor, as: .listener(index))
      } catch {
        deallocate()
        throw error
      }
    }
  }

  /// Plays the match and returns what came of it.
  consuming func run() -> MatchResult {
    awaitAgents()
    while end == nil {
      playSeries()
      guard case .void(let reason) = end else { break }
      guard mayBeginAnew else {
        end = .error("the match is void: \(reason)")
        break
      }
      beginAnew()
    }
    let result = conclude()
    deallocate()
    return result
  }

  /// Whether a match that is void may be played again: as often as the policy says, and while everybody is there.
  var mayBeginAnew: Bool { voids < spec.policy.maxVoids && !players.contains(where: \.isGone) }

  /// Plays all games.
  private mutating func playSeries() {
    openRecorder()
    for number in 0..<spec.games where end == nil { playGame(number) }
  }

  /// Forgets a void attempt; its replay is kept beside the one to come.
  private mutating func beginAnew() {
    voids += 1
    closeRecorder(metadata: ["void": ["attempt": "\(voids)"]])
    if let path = plan.replayPath {
      let stem = path.hasSuffix(".mcap") ? String(path.dropLast(5)) : path
      rename(path, "\(stem).void\(voids).mcap")
    }
    end = nil
    results = []
    totalSteps = 0
    for index in players.indices { players[index].beginAnew(index: index, spec: spec, seed: seed) }
  }

  private mutating func openRecorder() {
    guard spec.recordReplay, let path = plan.replayPath else { return }
    recorder = ReplayWriter(path: path, metadata: plan.provenance, options: plan.replayOptions)
  }

  private func deallocate() {
    for index in players.indices { players[index].deallocate() }
    players.deinitialize()
    players.deallocate()
    actions.deallocate()
    rewards.deallocate()
    masks.deallocate()
    ready.deallocate()
  }

  // MARK: - Waiting

  /// Waits until something comes or `instant` passes, and takes in all that has come.
  ///
  /// - Parameter includesIdle: whether players are heard of whom nothing is awaited.
  mutating func takeIn(until instant: Int64, includesIdle: Bool = false) {
    // Before the wait: after it an agent may have answered, and the others' next observation must not wait for this.
    stepRecorder?._withUnsafeGuaranteedRef { $0.closeChunkIfDue(now: UInt64(now)) }
    guard !takeInWhatWaits(includesIdle) else { return }
    let target = min(instant, now + Self.heartbeat)
    deadline.set(target)
    let count = ready.wait()
    now = MonotonicClock.now()
    deadline.clear()
    expectsAnswersAtOnce = count > 0 && count == awaited
    if now > target { watch.loopWoke(late: now - target) }

    var isWoken = false
    for number in 0..<count {
      let event = ready[number]
      switch event.source {
      case .wake: isWoken = true
      case .listener(let index): accept(index)
      case .connection(let index):
        if event.isReadable { players[index].isReadable = true }
        if event.isHungUp { players[index].isHungUp = true }
        if event.isWritable { continueSending(index) }
        if event.isReadable, includesIdle || players[index].wait != .none { receive(index) }
      }
    }
    if isWoken {
      signals.wake.clear()
      handleEvents()
    }
  }

  private mutating func accept(_ index: Int) {
    guard let connection = players[index].listener?.accept() else { return }
    players[index].link.open(connection)
    players[index].listener?.close()
    ready.add(connection, as: .connection(index))
  }

  /// Has the kernel tell, or no longer tell, when `index` reads again.
  mutating func watchWriting(_ index: Int) {
    let isBlocked = players[index].link.hasUnsentBytes
    guard isBlocked != players[index].isWritingWatched, players[index].link.isOpen else { return }
    players[index].isWritingWatched = isBlocked
    ready.watch(players[index].link.descriptor, as: .connection(index), forWriting: isBlocked)
  }

  private mutating func handleEvents() {
    if signals.isCancelled, end == nil { end = .cancelled(signals.cancelReason) }
    for event in signals.inbox.takeEvents() {
      switch event {
      case .hello(let index, .success(let hello)): welcome(index, hello)
      case .hello(let index, .failure(let violation)): violate(index, violation)
      case .ready(let index): becomeReady(index)
      case .violation(let index, let violation): violate(index, violation)
      case .exited(let index): handleExit(of: index)
      case .notStarted(let index, let reason):
        if end == nil { end = .error("agent \(spec.agents[index].agentID) could not be started: \(reason)") }
      case .unusable(let index, let reason): fault(index, .startup, "cannot be started: \(reason)")
      }
    }
  }

  /// The process of `index` has ended. What it sent before is still in its socket.
  private mutating func handleExit(of index: Int) {
    guard !players[index].isReady, !players[index].isGone else { return }
    if !players[index].link.isOpen { accept(index) }
    if players[index].link.isOpen { receive(index) }
    guard !players[index].isReady, !players[index].isGone else { return }
    fault(index, .startup, "left before it was ready")
  }
}
