internal import AgentProtocol
internal import ArenaCore
internal import Histogram

/// The loop's state for one agent, in the order of the request.
struct Player {
  /// What the loop waits for.
  enum Wait: Equatable {
    /// Nothing.
    case none
    /// For the kernel to take the rest of the observation.
    case writing
    /// For the answer.
    case answer
  }

  /// The first thing that went wrong, and worse things that came later.
  struct Failure {
    var kind: FaultKind
    var message: String
    /// Number of the fault, under which the agent's own words are kept.
    var number: Int
    var game: Int?
    var step: Int?
    var newestBytes: String?
    var duringStall: Bool
    var isForfeit: Bool
  }

  let source: SeatSource
  var listener: SeatListener?
  var link: SeatLink
  var conversation = Conversation()
  var ledger: FaultLedger
  var budget: TimeBudget
  /// The outgoing frame: header, fixed part, observation, mask.
  let frame: UnsafeMutableRawBufferPointer
  /// The observation in that frame.
  let observation: UnsafeRawBufferPointer
  var generator: SplitMix64
  var fallbackGenerator: SplitMix64

  var isReady = false
  /// Whether bytes have come that were not read yet.
  var isReadable = false
  /// Whether the other side has ended the connection; what it sent before comes first.
  var isHungUp = false
  /// Whether the kernel tells when the agent reads again.
  var isWritingWatched = false
  /// Whether it forfeits the game being played.
  var hasForfeitedGame = false
  /// Whether nobody is left who could play.
  var isGone = false
  var startupTime: Int64?
  var cpuTime: UInt64 = 0

  // The step being played. Instants and times in nanoseconds.
  var wait = Wait.none
  /// Whether this step's observation could not even be begun, because an earlier one still waits to be read.
  var isFrameHeldBack = false
  /// Whether it was gone when this step's observation was sent.
  var isUnreachable = false
  var sentAt: Int64 = 0
  var deadline: Int64 = StepDeadline.never
  var thought: Int64 = 0
  var fault: FaultKind?
  /// What is known about that fault.
  var faultMessage = ""
  var missedDeadlines = MissedDeadlines()
  var note = StepNote()
  var isFaultDuringStall = false
  var hasAction = false
  /// Whether it acted in the step that is to be recorded; in simultaneous games all do.
  var actedInUnrecordedStep = true

  var rewardSinceObservation = 0.0
  var gameReward = 0.0
  var totalScore = 0.0
  var lastObservationStep: Int?

  var thinkTimes: Histogram<UInt32>
  /// Answers' times until they are counted in `thinkTimes`, which is done for many at once.
  private let uncountedThoughts: UnsafeMutableBufferPointer<Int64>
  private var uncountedCount = 0
  var totalThought: Int64 = 0
  var maxThought: Int64 = 0
  var lateAnswers = 0
  var duplicateAnswers = 0
  var faultNumber = 0
  var failure: Failure?
  var forfeits = 0

  init(
    index: Int,
    source: SeatSource,
    frameSize: Int,
    observationSize: Int,
    maxPayload: Int,
    spec: MatchSpec,
    seed: MatchSeed
  ) {
    self.source = source
    let isBuiltIn = if case .builtIn = source { true } else { false }
    link = SeatLink(maxPayload: isBuiltIn ? 0 : maxPayload)
    ledger = FaultLedger(spec.policy)
    budget = TimeBudget(spec.limits)
    frame = .allocate(byteCount: frameSize, alignment: 16)
    frame.initializeMemory(as: UInt8.self, repeating: 0)
    let observed = ObservePayload.observationOffset..<ObservePayload.observationOffset + observationSize
    observation = UnsafeRawBufferPointer(rebasing: frame[observed])
    generator = seed.builtInAgent(agent: index)
    fallbackGenerator = seed.fallbackActions(agent: index)
    thinkTimes = Self.emptyThinkTimes()
    uncountedThoughts = .allocate(capacity: 256)
    uncountedThoughts.initialize(repeating: 0)
    isReady = isBuiltIn
  }

  /// Whether it takes part in the game being played.
  var isPlaying: Bool { !hasForfeitedGame && !isGone }

  /// Forgets everything about games played, for a match that begins anew.
  mutating func beginAnew(index: Int, spec: MatchSpec, seed: MatchSeed) {
    ledger = FaultLedger(spec.policy)
    generator = seed.builtInAgent(agent: index)
    fallbackGenerator = seed.fallbackActions(agent: index)
    totalScore = 0
    thinkTimes = Self.emptyThinkTimes()
    uncountedCount = 0
    totalThought = 0
    maxThought = 0
    lateAnswers = 0
    duplicateAnswers = 0
    failure = nil
    forfeits = 0
  }

  /// Counts an answer that took `thought` nanoseconds.
  @inline(__always)
  mutating func recordThought(_ thought: Int64) {
    self.thought = thought
    totalThought += thought
    maxThought = max(maxThought, thought)
    uncountedThoughts[uncountedCount] = min(max(thought, 1), Self.longestThought)
    uncountedCount += 1
    if uncountedCount == uncountedThoughts.count { countThoughts() }
  }

  /// Adds the newest answers' times to the histogram.
  @inline(never)
  mutating func countThoughts() {
    for thought in uncountedThoughts[..<uncountedCount] { _ = thinkTimes.record(UInt64(thought)) }
    uncountedCount = 0
  }

  private static let longestThought: Int64 = 86_400_000_000_000

  /// 1 % wide from 256 ns on, up to a day: 17 KiB that never grow.
  private static func emptyThinkTimes() -> Histogram<UInt32> {
    Histogram(
      lowestDiscernibleValue: 1,
      highestTrackableValue: UInt64(longestThought),
      numberOfSignificantValueDigits: .two
    )
  }

  /// The step's fault is recorded, or has no frame.
  mutating func forgetFault() {
    fault = nil
    faultMessage = ""
    isFaultDuringStall = false
  }

  mutating func deallocate() {
    listener?.close()
    link.deallocate()
    frame.deallocate()
    uncountedThoughts.deallocate()
    note.deallocate()
  }
}
