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
  let wakeDescriptor: Int32
  let progress: MatchProgress
  let checker: ActionChecker
  let sampler: ActionSampler
  /// Largest payload that agents may send.
  let maxPayload: Int
  // Bytes, as the game's spec has them: asking the spec in every step would copy its spaces' descriptions.
  let observationSize: Int
  let actionSize: Int
  let maskSize: Int
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
  /// Players' sockets, the wake signal, listeners.
  let polled: UnsafeMutableBufferPointer<pollfd>

  var recorder: ReplayWriter?
  var recordingWait = Duration.zero
  var watch: PlatformWatch

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
  /// Whether an observation could not be sent because its agent is gone.
  var isAnyUnreachable = false
  /// The newest step's outcome, until it has been recorded.
  var unrecorded: StepOutcome?
  var unrecordedAt: Int64 = 0
  var end: End?
  var results: [GameResult] = []
  var voids = 0

  /// Prepares the match and listens on its agents' sockets.
  init(
    _ plan: MatchPlan,
    environment: any Environment,
    signals: MatchSignals,
    progress: MatchProgress
  ) throws(SystemFailure) {
    self.plan = plan
    spec = plan.spec
    self.environment = environment
    game = environment.spec
    seed = spec.seed.map(MatchSeed.init) ?? .drawn()
    self.signals = signals
    deadline = signals.deadline
    wakeDescriptor = signals.wake.descriptor
    self.progress = progress
    checker = ActionChecker(game.action)
    sampler = ActionSampler(game.action)
    observationSize = game.observation.size
    actionSize = game.action.size
    maskSize = game.actionMaskSize
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
    polled = .allocate(capacity: 2 * game.seats + 1)
    polled.initialize(repeating: pollfd(fd: -1, events: 0, revents: 0))
    watch = PlatformWatch(threshold: spec.limits.stallThreshold)
    now = MonotonicClock.now()
    startedListeningAt = now
    var wall = timespec()
    clock_gettime(CLOCK_REALTIME, &wall)
    wallOffset = Int64(wall.tv_sec) * 1_000_000_000 + Int64(wall.tv_nsec) - now

    players = .allocate(capacity: plan.sources.count)
    for (index, source) in plan.sources.enumerated() {
      let player = Player(
        index: index,
        source: source,
        frameSize: FrameHeader.size + observePayloadSize,
        maxPayload: maxPayload,
        spec: spec,
        seed: seed
      )
      players.initializeElement(at: index, to: player)
    }
    for (index, source) in plan.sources.enumerated() {
      guard case .socket(let path, let uid, let mode) = source else { continue }
      do throws(SystemFailure) {
        players[index].listener = try SeatListener(path: path, expectedUID: uid, mode: mode)
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
    recorder = ReplayWriter(path: path, metadata: plan.provenance)
  }

  private func deallocate() {
    for index in players.indices { players[index].deallocate() }
    players.deinitialize()
    players.deallocate()
    actions.deallocate()
    rewards.deallocate()
    masks.deallocate()
    polled.deallocate()
  }

  // MARK: - Waiting

  /// Waits until something comes or `instant` passes, and takes in all that has come.
  ///
  /// - Parameter includesIdle: whether players are heard of whom nothing is awaited.
  mutating func takeIn(until instant: Int64, includesIdle: Bool = false) {
    // Before the wait: after it an agent may have answered, and the others' next observation must not wait for this.
    recorder?.closeChunkIfDue(now: UInt64(now))
    var count = players.count + 1
    for index in players.indices {
      let isHeard = includesIdle || players[index].wait != .none
      polled[index].fd = isHeard ? players[index].link.descriptor : -1
      polled[index].events = Int16(players[index].link.hasUnsentBytes ? POLLIN | POLLOUT : POLLIN)
      polled[index].revents = 0
    }
    polled[players.count] = pollfd(fd: wakeDescriptor, events: Int16(POLLIN), revents: 0)
    if includesIdle {
      for index in players.indices {
        polled[count] = pollfd(fd: players[index].listener?.descriptor ?? -1, events: Int16(POLLIN), revents: 0)
        count += 1
      }
    }
    let target = min(instant, now + Self.heartbeat)
    deadline.set(target)
    while poll(polled.baseAddress, nfds_t(count), -1) < 0, errno == EINTR {}
    now = MonotonicClock.now()
    deadline.clear()
    if now > target { watch.loopWoke(late: now - target) }

    for index in players.indices where polled[index].revents != 0 {
      if polled[index].revents & Int16(POLLOUT) != 0 { continueSending(index) }
      if polled[index].revents & ~Int16(POLLOUT) != 0 { receive(index) }
    }
    for index in players.indices where count > players.count + 1 && polled[players.count + 1 + index].revents != 0 {
      accept(index)
    }
    if polled[players.count].revents != 0 {
      signals.wake.clear()
      handleEvents()
    }
  }

  private mutating func accept(_ index: Int) {
    guard let connection = players[index].listener?.accept() else { return }
    players[index].link.open(connection)
    players[index].listener?.close()
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
      }
    }
  }

  /// The process of `index` has ended. What it sent before is still in its socket.
  private mutating func handleExit(of index: Int) {
    guard !players[index].isReady, !players[index].isGone else { return }
    if !players[index].link.isOpen { accept(index) }
    if players[index].link.isOpen { receive(index) }
    guard !players[index].isReady, !players[index].isGone else { return }
    fault(index, .startup, "its process ended before it was ready")
  }
}
